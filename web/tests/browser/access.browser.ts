/* Everybody can use every view: axe-core finds nothing, a narrow screen loses nothing, the keyboard is
 * enough. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { statement } from "./statements";
import { System } from "./system";
import { Visitor, launch } from "./page";

const VIEWS = ["background-jobs", "upload", "stages", "transactions", "review", "entries", "balances",
  "rules", "imports", "export", "background-jobs/JOB", "nowhere"];
const NARROW = { width: 320, height: 640 };

let system: System;
let browser: Browser;
let visitor: Visitor;
let job: string;

beforeAll(async () => {
  system = await System.start();
  browser = await launch();
  visitor = await Visitor.open(browser, system.url);
  job = await visitor.upload({ name: "may.csv", text: statement(200) });
  await visitor.completes();
  await visitor.close();
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});
afterEach(async () => {
  await visitor.close();
});

const at = (view: string) => view.replace("JOB", job);

/** What axe-core finds in light, in dark and on a narrow screen, which must not scroll sideways. */
async function everyLook(): Promise<string[]> {
  const { page } = visitor;
  const found = await visitor.axe();
  await page.emulateMedia({ colorScheme: "dark" });
  found.push(...(await visitor.axe()).map((fault) => `dark: ${fault}`));
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(NARROW);
  found.push(...(await visitor.axe()).map((fault) => `narrow: ${fault}`));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > NARROW.width) found.push(`narrow: ${wide} px wide`);
  return found;
}

describe("with books", () => {
  it.each(VIEWS)("%s is for everybody", async (view) => {
    visitor = await Visitor.open(browser, system.url, { reducedMotion: "reduce" });
    await visitor.go(at(view));
    expect(await everyLook()).toEqual([]);
    visitor.behaved();
  });
});

describe("without books", () => {
  it.each(VIEWS.slice(0, 10))("%s is for everybody", async (view) => {
    visitor = await Visitor.open(browser, system.url, { reducedMotion: "reduce" });
    await visitor.go(view, { company: "nobody" });
    expect(await everyLook()).toEqual([]);
    visitor.behaved(/404/);
  });
});

describe("by keyboard alone", () => {
  beforeEach(async () => {
    visitor = await Visitor.open(browser, system.url);
  });

  /** Presses Tab until the focus is on what has this name. */
  async function tabTo(name: RegExp) {
    const { keyboard } = visitor.page;
    for (let i = 0; i < 80; i++) {
      await keyboard.press("Tab");
      const here = await visitor.page.evaluate(() => {
        const at = document.activeElement;
        return at?.getAttribute("aria-label") ?? (at instanceof HTMLElement ? at.innerText || at.id : "");
      });
      if (name.test(here)) return;
    }
    throw new Error(`Tab does not come to ${String(name)}`);
  }

  it("one comes from the list to a job, to its results, and corrects one", async () => {
    const { page } = visitor;
    await visitor.go("background-jobs");
    await tabTo(/^may\.csv$/);
    await page.keyboard.press("Enter");
    await visitor.completes();
    await tabTo(/^View results$/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/dashboard\/transactions/);
    await page.locator("tbody tr").first().waitFor();
    await tabTo(/change the account of/);
    await page.keyboard.press("Enter");
    await page.keyboard.type("Expenses:Food:Alcohol");
    await page.keyboard.press("Enter");
    await visitor.sees(/^Booked to/);
    visitor.behaved();
  });

  it("one answers the review queue, and takes the answer back", async () => {
    const { page } = visitor;
    await visitor.go("review");
    const last = page.locator(".books-last");
    await page.locator(".books-review").waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("Expenses:Food:Alcohol");
    await page.keyboard.press("Enter");
    await last.getByRole("status").getByText("Alcohol").waitFor();
    await page.keyboard.press("u");
    await last.waitFor({ state: "detached" });
    visitor.behaved();
  });

  it("one can skip the navigation, and sees where the focus is", async () => {
    const { page } = visitor;
    await visitor.go("background-jobs");
    await page.keyboard.press("Tab");
    const outline = await page.evaluate(() => {
      const at = document.activeElement as HTMLElement;
      return `${at.innerText} ${getComputedStyle(at).outlineStyle}`;
    });
    expect(outline).toMatch(/^Skip to the view (solid|auto)$/);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.querySelector("main")?.contains(document.activeElement))).toBe(true);
    visitor.behaved();
  });
});
