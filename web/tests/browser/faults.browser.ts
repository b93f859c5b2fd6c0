/* What the page shows while processes die under it. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { statement } from "./statements";
import { System, until } from "./system";
import { Visitor, launch } from "./page";

/* A stage takes its time with each unit: a job lasts long enough to be hurt. */
const SLOW = "rules:400";
const CONFIG = "limits\n    retention_s = 8\n";
const ROWS = 6000; /* 12 units */

let system: System;
let browser: Browser;
let visitor: Visitor;

beforeAll(async () => {
  system = await System.start({ config: CONFIG, slow: SLOW });
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

/** What the bar says from now on, until the job has ended. */
async function progressOf(visitor: Visitor): Promise<() => number[]> {
  const seen: number[] = [];
  await visitor.page.exposeFunction("sawProgress", (value: number) => seen.push(value));
  await visitor.page.evaluate(() => {
    const saw = (window as unknown as { sawProgress: (value: number) => void }).sawProgress;
    const look = () => {
      const now = document.querySelector("[role=progressbar]")?.getAttribute("aria-valuenow");
      if (now !== null && now !== undefined) saw(Number(now));
    };
    new MutationObserver(look).observe(document.body, { subtree: true, attributes: true, childList: true });
    look();
  });
  return () => seen;
}

async function running(visitor: Visitor) {
  await visitor.page.locator('.dbk-job[data-status="running"]').waitFor();
  await visitor.page.locator("[role=progressbar][aria-valuenow]").waitFor();
}

/** The job went to its end, and its bar never back. */
async function wentOn(visitor: Visitor, seen: () => number[]) {
  await visitor.completes();
  expect(seen().length).toBeGreaterThan(1);
  expect(seen().slice().sort((a, b) => a - b)).toEqual(seen());
  expect(await visitor.page.locator(".dbk-result").innerText()).toMatch(/Stored\s+6,000\b/);
}

describe("a job that is watched", () => {
  it("goes on when a stage is killed, and its bar never goes back", async () => {
    await visitor.upload({ name: "a.csv", text: statement(ROWS) });
    await running(visitor);
    const seen = await progressOf(visitor);
    system.kill("rules");
    await wentOn(visitor, seen);
    visitor.behaved();
  });

  it("goes on when the broker is restarted", async () => {
    await visitor.upload({ name: "b.csv", text: statement(ROWS, 400) });
    await running(visitor);
    const seen = await progressOf(visitor);
    system.kill("broker");
    await wentOn(visitor, seen);
    /* What was asked while nobody was there is answered 503; nothing else may fail. */
    visitor.behaved(/^console: Failed to load resource: .*(50[234]|ERR_INCOMPLETE_CHUNKED_ENCODING)/);
  });

  it("is the same in two tabs, and in the list", async () => {
    const id = await visitor.upload({ name: "c.csv", text: statement(ROWS, 800) });
    const context = visitor.page.context();
    const second = Visitor.of(await context.newPage(), system.url);
    await second.go(`background-jobs/${id}`);
    const list = Visitor.of(await context.newPage(), system.url);
    await list.go("background-jobs");
    await list.page.locator("tr", { hasText: "c.csv" }).getByText("complete", { exact: true }).waitFor();
    await second.completes();
    await visitor.completes();
    for (const one of [visitor, second, list]) one.behaved();
  });

  it("can be cancelled, and goes on when it is tried again", async () => {
    const { page } = visitor;
    await visitor.upload({ name: "d.csv", text: statement(ROWS, 1200) });
    await running(visitor);
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    const stop = page.getByRole("button", { name: "Stop", exact: true });
    const cancelled = page.locator('.dbk-job[data-status="cancelled"]');
    await Promise.race([stop.waitFor(), cancelled.waitFor()]);
    if (await stop.isVisible()) await stop.click();
    await cancelled.waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await visitor.completes();
    visitor.behaved();
  });

  it("says that its record has expired, and does not ask for ever", async () => {
    const id = await visitor.upload({ name: "e.csv", text: statement(20, 1600) });
    await visitor.completes();
    const gone = async () => (await fetch(`${system.url}/api/jobs/${id}`)).status === 404;
    await until("the record is gone", gone);
    await visitor.go(`background-jobs/${id}`);
    await visitor.sees("Not available");
    await visitor.sees(/no such job|expired/i);
    let asked = 0;
    visitor.page.on("request", (request) => {
      if (request.url().includes(id)) asked++;
    });
    await new Promise((wake) => setTimeout(wake, 3000));
    expect(asked).toBe(0);
    visitor.behaved(/404/);
  });
});
