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

describe.each(["light", "dark"] as const)("in %s, axe-core finds nothing", (colorScheme) => {
  it.each(VIEWS)("in %s", async (view) => {
    visitor = await Visitor.open(browser, system.url, { colorScheme, reducedMotion: "reduce" });
    await visitor.go(at(view));
    expect(await visitor.axe()).toEqual([]);
    visitor.behaved();
  });
});

describe("at 320 px", () => {
  it.each(VIEWS)("%s needs no scrolling sideways, and axe-core finds nothing", async (view) => {
    visitor = await Visitor.open(browser, system.url, { viewport: NARROW });
    await visitor.go(at(view));
    const wide = await visitor.page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide).toBeLessThanOrEqual(NARROW.width);
    expect(await visitor.axe()).toEqual([]);
    visitor.behaved();
  });
});

describe("without books", () => {
  it.each(VIEWS.slice(0, 10))("%s is designed, and axe-core finds nothing", async (view) => {
    visitor = await Visitor.open(browser, system.url);
    await visitor.go(view, { company: "nobody" });
    expect(await visitor.axe()).toEqual([]);
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
    await page.keyboard.type("Expenses:Hobby:Trains");
    await page.keyboard.press("Enter");
    await visitor.sees(/^Booked to/);
    visitor.behaved();
  });

  it("one answers the review queue, and takes the answer back", async () => {
    const { page } = visitor;
    await visitor.go("review");
    const waiting = () => page.locator("main").innerText();
    const before = await waiting();
    await page.keyboard.press("/");
    await page.keyboard.type("Expenses:Hobby:Model Trains");
    await page.keyboard.press("Enter");
    await page.waitForFunction((text) => document.querySelector("main")?.innerText !== text, before);
    await visitor.sees(/Model Trains/);
    await page.keyboard.press("u");
    await page.waitForFunction(() => !document.querySelector("main")?.innerText.includes("Model Trains"));
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
