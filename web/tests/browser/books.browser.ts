/* A statement on its way through the page: uploaded, watched, corrected, learned from, exported. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { NASTY, UNKNOWN, statement } from "./statements";
import { ROOT, System } from "./system";
import { Visitor, launch, who } from "./page";

const SHARED = process.env["DAYBOOK_SHARED"] ?? join(ROOT, "../shared");
const SAMPLE = join(SHARED, "data/bank-csv/de-n26-en.csv");
const ANSWER = "Expenses:Food:Snacks";

let system: System;
let browser: Browser;
let visitor: Visitor;

beforeAll(async () => {
  system = await System.start();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
beforeEach(async () => {
  visitor = await Visitor.open(browser, system.url);
});
afterEach(async () => {
  await visitor.close();
});

describe("a statement", () => {
  it("is uploaded, watched, corrected, learned from and exported", async () => {
    const { page } = visitor;
    await visitor.upload({ name: "january.csv", text: statement(120) });
    await visitor.completes();
    await page.getByRole("link", { name: "View results" }).click();
    await page.waitForURL(/\/dashboard\/transactions/);
    const change = page.getByRole("button", { name: new RegExp(`change the account of ${UNKNOWN}`) });
    await change.first().click();
    const picker = page.locator(".books-correct").getByRole("combobox");
    await picker.fill(ANSWER);
    await picker.press("Enter");
    await visitor.sees(/^Booked to/);

    /* The next statement's are booked as the person said. */
    await visitor.upload({ name: "february.csv", text: statement(40, 60) });
    await visitor.completes();
    await visitor.go("transactions", { q: UNKNOWN, from: "2026-03-01" });
    const learned = page.locator("tr", { hasText: UNKNOWN }).first();
    await learned.waitFor();
    expect(await learned.innerText()).toContain("Snacks");
    expect(await learned.innerText()).toMatch(/history/i);

    await visitor.go("export");
    const saving = page.waitForEvent("download");
    await page.getByRole("link", { name: `Download ${who.company}.journal` }).click();
    const journal = readFileSync(await (await saving).path(), "utf8");
    expect(journal).toContain(ANSWER);
    expect(journal).toContain(UNKNOWN);
    visitor.behaved();
  });

  it("that a bank wrote is read too", async (context) => {
    if (!existsSync(SAMPLE)) return context.skip(`no ${SAMPLE}`);
    await visitor.upload({ name: "n26.csv", text: readFileSync(SAMPLE, "utf8") });
    await visitor.completes();
    visitor.behaved();
  });

  it("that is a PDF is refused with what would mend it, and starts nothing", async () => {
    const { page } = visitor;
    await visitor.go("upload");
    await visitor.choose({ name: "may.pdf", text: "%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" });
    await visitor.sees(/it is a PDF document/);
    await visitor.sees("Export the statement as CSV and upload that");
    expect(await page.getByRole("button", { name: /^Start/ }).count()).toBe(0);
    visitor.behaved(/415/);
  });

  it("with HTML and script in it is text everywhere", async () => {
    const { page } = visitor;
    const id = await visitor.upload({ name: "<b>may.csv", text: statement(16, 200) });
    await visitor.completes();
    for (const path of [`background-jobs/${id}`, "background-jobs", "transactions", "review", "entries",
      "balances", "imports", "rules"]) {
      await visitor.go(path);
      expect(await page.locator("main script, main img, main svg[onload], main b b").count()).toBe(0);
    }
    await visitor.go("transactions", { q: "window.harmed", from: "2026-07-01" });
    for (const text of NASTY) await visitor.sees(text);
    await visitor.go("entries", { from: "2026-07-01" });
    await visitor.sees(NASTY[0] ?? "");
    await visitor.go("upload");
    await visitor.choose({ name: "next.csv", text: statement(16, 300) });
    await visitor.sees(NASTY[1] ?? "");
    expect(await page.evaluate(() => "harmed" in window)).toBe(false);
    visitor.behaved();
  });
});

describe("a client of one's own", () => {
  it("does it with fetch and EventSource as docs/CLIENTS.md says", async () => {
    const text = readFileSync(join(ROOT, "docs/CLIENTS.md"), "utf8");
    const code = /^```js\n([\s\S]*?)^```$/m.exec(text)?.[1] ?? "";
    expect(code.trim().split("\n").length).toBeLessThanOrEqual(22);
    const { page } = visitor;
    await page.goto(`${system.url}/openapi.json`);
    const run = `(async () => { ${code}
      const told = [];
      const onProgress = (progress) => told.push(progress);
      const file = new File([${JSON.stringify(statement(40, 400))}], "june.csv", { type: "text/csv" });
      const who = { tenant: "t1", company: "own", onProgress };
      const result = await categorize(file, who);
      const refusal = await categorize(new File(["%PDF-1.4"], "a.pdf"), who).catch((e) => e.message);
      return { told, result, refusal };
    })()`;
    const { told, result, refusal } = (await page.evaluate(run)) as {
      told: number[];
      result: { inserted: number };
      refusal: string;
    };
    expect(result.inserted).toBe(40);
    expect(told.slice().sort((a, b) => a - b)).toEqual(told);
    expect(refusal).toMatch(/PDF/);
  });
});
