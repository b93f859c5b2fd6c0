import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Job } from "../../src/client/api";
import { JobCard, JobProgress, type JobProgressProps } from "../../src/job/JobProgress";
import { useJobStatus } from "../../src/job/useJobStatus";
import { click, pass, press, render, show, unmount } from "./react";
import { ERROR, ID, RESULT, ScriptedServer, answer, problem, record } from "./server";

let server: ScriptedServer;
let box: HTMLElement;

async function begin(props: Partial<JobProgressProps> = {}) {
  box = await render(<JobProgress jobId={ID} fetch={server.fetch} {...props} />);
  await pass(20);
}

/** The server tells a newer record. */
async function tell(count: number, changes: Partial<Job> = {}) {
  server.stream.event(record(count, changes));
  await pass(20);
}

const all = (selector: string) => [...box.querySelectorAll(selector)];
const one = (selector: string) => box.querySelector(selector);
const text = (selector: string) => one(selector)?.textContent?.trim();
const bar = () => one('[role="progressbar"]');
const button = (name: string) => all("button").find((b) => b.textContent === name);
const state = () => one("section")?.getAttribute("data-status");

beforeEach(() => {
  vi.useFakeTimers();
  server = new ScriptedServer();
});

afterEach(async () => {
  show("visible");
  await unmount();
  expect(server.open).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("the states", () => {
  it("pending: queued, and why it waits", async () => {
    server.job = record(1, { status: "pending", stages: [], waiting: "3 jobs of acme are before it" });
    await begin();
    expect(state()).toBe("pending");
    expect(text(".dbk-status")).toBe("Job queued");
    expect(text(".dbk-message")).toContain("3 jobs of acme are before it");
    expect(bar()?.hasAttribute("aria-valuenow")).toBe(false);
    expect(bar()?.hasAttribute("data-indeterminate")).toBe(false);
  });

  it("running: bar, message, per cent and the stages with their counts", async () => {
    await begin({ title: "May" });
    expect(state()).toBe("running");
    expect(text(".dbk-title")).toBe("May");
    expect(text(".dbk-status")).toBe("45 %");
    expect(text(".dbk-message")).toContain("Processing transaction 450/1000...");
    expect(bar()?.getAttribute("aria-valuenow")).toBe("45");
    expect(bar()?.getAttribute("aria-label")).toBe("May");
    expect(bar()?.getAttribute("aria-valuetext")).toBe("Apply rules, 45 %");
    expect((one(".dbk-fill") as HTMLElement).style.inlineSize).toBe("45%");
    expect(all(".dbk-stages li")).toHaveLength(6);
    expect(text(".dbk-stages li")).toContain("450 of 1,000");
  });

  it("running, and why it waits", async () => {
    server.job = record(1, { waiting: "the disk is full; it goes on when there is room" });
    await begin();
    expect(text(".dbk-message")).toContain("Processing transaction 450/1000...");
    expect(text(".dbk-message")).toContain("the disk is full");
  });

  it("running, being cancelled in another tab", async () => {
    server.job = record(1, { ending: "cancelled" });
    await begin();
    expect(text(".dbk-status")).toBe("Cancelling…");
    expect(button("Cancelling…")?.getAttribute("aria-disabled")).toBe("true");
  });

  it("stalled: nothing moves, and why, also aloud", async () => {
    await begin();
    await pass(5000);
    server.stream.comment("the broker does not answer");
    await pass(20);
    expect(text(".dbk-connection")).toBe("Nothing moves: daybook's broker does not answer");
    await pass(5000);
    expect(text('[role="status"]')).toBe("Nothing moves: daybook's broker does not answer");
    expect(bar()?.getAttribute("aria-valuenow")).toBe("45");
  });

  it("stalled before anything was heard: not even that it is queued is said", async () => {
    server.answers = { job: () => problem(503, "broker-unreachable"), events: () => problem(503, "broker-unreachable") };
    await begin();
    expect(text(".dbk-status")).toBe("");
    expect(text(".dbk-message")).toBe("Nothing moves: daybook's broker does not answer");
    server.answers = {};
    await pass(5000);
    expect(text(".dbk-status")).toBe("45 %");
  });

  it("running for the second time says so", async () => {
    server.job = record(1, { attempt: 2 });
    await begin();
    expect(text(".dbk-message")).toContain("Attempt 2");
  });

  it("complete: the results, and what the application adds", async () => {
    await begin({ children: <a href="/books">View results</a> });
    expect(text("a")).toBeUndefined();
    await tell(2, { status: "complete", result: RESULT });
    expect(state()).toBe("complete");
    expect(text(".dbk-status")).toBe("Complete");
    expect(bar()).toBeNull();
    expect(all("dl > div").map((row) => row.textContent)).toEqual([
      "Rows read1,000", "Rejected3", "Already there7", "Stored990", "Entries booked990", "Sure880",
      "To review110",
    ]);
    expect(text("a")).toBe("View results");
    expect(all("button")).toHaveLength(0);
  });

  it("complete with warnings says so, as text", async () => {
    const warnings = ["a row may be missing before line 7", "<img src=x onerror=alert(1)>"];
    server.job = record(1, { status: "complete", result: { ...RESULT, warnings } });
    await begin();
    expect(text(".dbk-status")).toBe("Complete, with warnings");
    expect(all(".dbk-warnings li").map((li) => li.textContent)).toEqual(warnings);
    expect(one("img")).toBeNull();
  });

  it("complete of a pipeline with a result of its own, or none", async () => {
    const onComplete = vi.fn();
    server.job = record(1, { status: "complete", result: null, type: "count-words" });
    await begin({ onComplete });
    expect(text(".dbk-status")).toBe("Complete");
    expect(one("dl")).toBeNull();
    expect(onComplete).toHaveBeenCalledExactlyOnceWith(null);
  });

  it("failed: the line, what happened and what would mend it", async () => {
    server.job = record(1, { status: "failed", error: ERROR });
    await begin();
    expect(state()).toBe("failed");
    expect(text(".dbk-status")).toBe("Failed");
    expect(text('[role="alert"]')).toBe(
      "Line 17: days and months of this file cannot be told apartupload it again with date_order",
    );
    expect(button("Try again")).toBeDefined();
    expect(button("Cancel")).toBeUndefined();
  });

  it("cancelled: what was booked by then", async () => {
    server.job = record(1, { status: "cancelled", result: RESULT });
    await begin();
    expect(state()).toBe("cancelled");
    expect(text(".dbk-status")).toBe("Cancelled");
    expect(text("dl")).toContain("Stored990");
    expect(button("Try again")).toBeDefined();
  });

  it("offline: the last good value stays", async () => {
    await begin();
    server.down();
    server.stream.drop();
    await pass(20);
    expect(text(".dbk-connection")).toBe("Reconnecting…");
    expect(bar()?.getAttribute("aria-valuenow")).toBe("45");
  });

  it.each([
    [true, 404, "not-found", "Expired"],
    [false, 404, "not-found", "Not available"],
    [false, 401, "key-needed", "Not available"],
  ])("refused (seen before: %s) with %i", async (seen, status, code, word) => {
    if (!seen) server.answers.events = () => problem(status, code);
    await begin();
    if (seen) {
      show("hidden");
      server.answers.events = () => problem(status, code);
      show("visible");
      await pass(20);
    }
    expect(state()).toBe("failed");
    expect(text(".dbk-status")).toBe(word);
    expect(all('[role="alert"]')).toHaveLength(1);
    expect(all("button")).toHaveLength(0);
    expect(one(".dbk-message")).toBeNull();
  });

  it("shows another job from its beginning", async () => {
    server.job = record(1, { status: "failed", error: ERROR });
    await begin();
    server.job = record(1, { stages: [] });
    await begin({ jobId: `${ID}x` });
    expect(one('[role="alert"]')).toBeNull();
    expect(bar()?.hasAttribute("aria-valuenow")).toBe(false);
  });
});

describe("the bar", () => {
  it("has no length until it is known how much there is to do, and never again", async () => {
    server.job = record(1, { progress: 1, stages: [] });
    await begin();
    expect(bar()?.hasAttribute("data-indeterminate")).toBe(true);
    expect(bar()?.hasAttribute("aria-valuenow")).toBe(false);
    expect(bar()?.getAttribute("aria-valuetext")).toBe("Running");
    await tell(2, { progress: 20 });
    expect(bar()?.getAttribute("aria-valuenow")).toBe("20");
    await tell(3, { progress: 21, stages: [] });
    expect(bar()?.getAttribute("aria-valuenow")).toBe("21");
    expect(bar()?.hasAttribute("data-indeterminate")).toBe(false);
  });

  it("never goes back", async () => {
    await begin();
    await tell(2, { progress: 30 });
    expect(bar()?.getAttribute("aria-valuenow")).toBe("45");
    expect(text(".dbk-status")).toBe("45 %");
  });

  it("tells what is left only when that means something, and when it takes longer", async () => {
    server.job = record(1, { progress: 0 });
    await begin();
    for (let s = 1; s <= 8; s++) {
      await pass(980);
      await tell(1 + s, { progress: s });
      if (s <= 4) expect(text(".dbk-eta")).toBe("");
    }
    expect(text(".dbk-eta")).toBe("about 2 minutes left");
    expect(bar()?.getAttribute("aria-valuetext")).toBe("Apply rules, 8 %, about 2 minutes left");
    for (let s = 0; s < 50; s++) {
      await pass(5000);
      server.stream.comment();
    }
    await pass(20);
    expect(text(".dbk-eta")).toBe("longer than expected");
  });
});

describe("what is said", () => {
  /** Every text that the live region has held, with its time. */
  function listen(): { ms: number; said: string }[] {
    const heard: { ms: number; said: string }[] = [];
    const region = one('[role="status"]') as HTMLElement;
    const note = () => heard.push({ ms: performance.now(), said: region.textContent ?? "" });
    new MutationObserver(note).observe(region, { childList: true, characterData: true, subtree: true });
    return heard;
  }

  it("is said at most every 5 s, and then the newest", async () => {
    server.job = record(1, { status: "pending" });
    await begin();
    await pass(100);
    const heard = listen();
    expect(text('[role="status"]')).toBe("Job queued");
    for (let i = 0; i < 40; i++) {
      await pass(480);
      await tell(2 + i, { progress: 20 + i, stage: i % 2 ? "rules" : "llm" });
    }
    expect(heard.length).toBeGreaterThanOrEqual(3);
    const gaps = heard.slice(1).map((entry, i) => entry.ms - (heard[i]?.ms ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5000);
    await tell(99, { status: "complete", result: RESULT });
    await pass(5000);
    expect(heard.at(-1)?.said).toBe("Complete");
  });

  it("names the phase and the half, not each per cent", async () => {
    await begin();
    await pass(20);
    const heard = listen();
    expect(text('[role="status"]')).toBe("Apply rules");
    for (let i = 0; i < 4; i++) await tell(2 + i, { progress: 46 + i });
    await pass(20_000 / 4);
    expect(heard).toEqual([]);
    await tell(9, { progress: 51 });
    await pass(5000);
    expect(heard.map((entry) => entry.said)).toEqual(["Apply rules, 50 %"]);
  });

  it("is said outside of what is busy, and an error once, as an alert", async () => {
    await begin();
    expect(one('[aria-busy="true"] [role="status"]')).toBeNull();
    await tell(2, { status: "failed", error: ERROR });
    const alert = one('[role="alert"]');
    await begin({ title: "again" });
    await pass(60_000);
    expect(one('[role="alert"]')).toBe(alert);
    expect(text('[role="status"]')).toBe("");
  });
});

describe("the application", () => {
  it("is told once that the job is complete, also in StrictMode", async () => {
    const onComplete = vi.fn();
    const onError = vi.fn();
    const props = { jobId: ID, fetch: server.fetch, onComplete, onError };
    await render(<StrictMode><JobProgress {...props} /></StrictMode>);
    await pass(20);
    expect(onComplete).not.toHaveBeenCalled();
    await tell(2, { status: "complete", result: RESULT });
    await render(<StrictMode><JobProgress {...props} onComplete={(result) => onComplete(result)} /></StrictMode>);
    await pass(60_000);
    expect(onComplete).toHaveBeenCalledExactlyOnceWith(RESULT);
    expect(onError).not.toHaveBeenCalled();
  });

  it("is told once of each failure", async () => {
    const onError = vi.fn();
    await begin({ onError });
    await tell(2, { status: "failed", error: ERROR });
    await begin({ onError, title: "again" });
    expect(onError).toHaveBeenCalledExactlyOnceWith(ERROR);
    server.job = record(3, { status: "pending", attempt: 2 });
    await click(button("Try again"));
    await pass(20);
    await tell(4, { status: "failed", error: { ...ERROR, row: 18 }, attempt: 2 });
    expect(onError).toHaveBeenCalledTimes(2);
  });

  it("is told of a refusal", async () => {
    const onError = vi.fn();
    server.answers.events = () => problem(401, "key-needed");
    await begin({ onError });
    expect(onError).toHaveBeenCalledOnce();
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: "key-needed" });
  });

  it("may say everything in its language", async () => {
    await begin({ labels: { percent: (n) => `${n} Prozent`, cancel: "Abbrechen", stage: () => "Regeln" } });
    expect(text(".dbk-status")).toBe("45 Prozent");
    expect(button("Abbrechen")).toBeDefined();
    expect(bar()?.getAttribute("aria-valuetext")).toBe("Regeln, 45 Prozent");
  });

  it("may follow the job itself, which is then followed once", async () => {
    function Page() {
      const job = useJobStatus(ID, { fetch: server.fetch });
      return <JobCard job={job} />;
    }
    box = await render(<Page />);
    await pass(20);
    expect(text(".dbk-status")).toBe("45 %");
    expect(server.calls).toHaveLength(1);
  });

  it("may render it on a server", () => {
    vi.stubGlobal("document", undefined);
    vi.stubGlobal("window", undefined);
    const html = renderToString(<JobProgress jobId={ID} title="May" fetch={server.fetch} />);
    vi.unstubAllGlobals();
    expect(html).toContain("Job queued");
    expect(server.calls).toHaveLength(0);
  });
});

describe("cancel", () => {
  const early = { progress: 0 };

  it("is sent at once while nothing is stored, and says so", async () => {
    server.job = record(1, early);
    await begin();
    server.delayMs = 300;
    await click(button("Cancel"));
    await pass(20);
    expect(server.of("cancel")).toHaveLength(1);
    const busy = button("Cancelling…");
    expect(busy?.getAttribute("aria-disabled")).toBe("true");
    expect(document.activeElement).toBe(busy);
    expect(text(".dbk-status")).toBe("Cancelling…");
    await click(busy);
    await pass(320);
    expect(server.of("cancel")).toHaveLength(1);
  });

  it("asks first once rows are stored, with the focus on the answer", async () => {
    await begin();
    await click(button("Cancel"));
    expect(server.of("cancel")).toHaveLength(0);
    const stop = button("Stop");
    expect(document.activeElement).toBe(stop);
    const question = document.getElementById(stop?.getAttribute("aria-describedby") ?? "");
    expect(question?.textContent).toBe("Rows that are stored stay booked. Stop here?");
    server.job = record(2, { ending: "cancelled" });
    await click(stop);
    await pass(20);
    expect(server.of("cancel")).toHaveLength(1);
    expect(document.activeElement).toBe(button("Cancelling…"));
  });

  it.each(["Go on", "Escape"])("is not sent on %s, and the focus is back on the button", async (way) => {
    await begin();
    await click(button("Cancel"));
    if (way === "Escape") await press("Escape");
    else await click(button(way));
    await pass(20);
    expect(document.activeElement).toBe(button("Cancel"));
    expect(button("Stop")).toBeUndefined();
    expect(server.of("cancel")).toHaveLength(0);
  });

  it("that is refused is said, and can be asked for again", async () => {
    server.job = record(1, early);
    await begin();
    server.answers.cancel = () => problem(503, "busy");
    await click(button("Cancel"));
    await pass(20);
    expect(text('[role="alert"]')).toBe("because of busy");
    server.answers.cancel = () => answer(202, record(2, { ...early, ending: "cancelled" }));
    await click(button("Cancel"));
    await pass(20);
    expect(one('[role="alert"]')).toBeNull();
    expect(button("Cancelling…")).toBeDefined();
  });

  it("that was not answered is not held against a job that can be heard again", async () => {
    server.job = record(1, early);
    await begin();
    server.answers.cancel = () => problem(503, "broker-unreachable");
    await click(button("Cancel"));
    await pass(20);
    expect(text('[role="alert"]')).toBe("because of broker-unreachable");
    server.stream.comment("the broker does not answer");
    await pass(20);
    expect(one('[role="alert"]')).not.toBeNull();
    await tell(2, early);
    expect(one('[role="alert"]')).toBeNull();
  });

  it("that was refused is not held against a job that has ended", async () => {
    server.job = record(1, early);
    await begin();
    server.answers.cancel = () => problem(503, "busy");
    await click(button("Cancel"));
    await pass(20);
    await tell(2, { status: "cancelled", result: RESULT });
    expect(one('[role="alert"]')).toBeNull();
  });

  it("keeps the keyboard's place when the job ends instead", async () => {
    await begin();
    await click(button("Cancel"));
    await tell(2, { status: "complete", result: RESULT });
    expect(document.activeElement).toBe(one("section"));
  });

  it("takes no focus that it did not have", async () => {
    await begin();
    await tell(2, { status: "complete", result: RESULT });
    expect(document.activeElement).toBe(document.body);
  });
});

describe("retry", () => {
  it("is asked for once, and the job goes on", async () => {
    server.job = record(1, { status: "failed", error: ERROR });
    await begin();
    server.delayMs = 300;
    server.job = record(2, { attempt: 2 });
    await click(button("Try again"));
    await pass(20);
    await click(button("Trying again…"));
    await pass(320);
    expect(server.of("retry")).toHaveLength(1);
    await pass(320);
    expect(state()).toBe("running");
    expect(one('[role="alert"]')).toBeNull();
    expect(document.activeElement).toBe(button("Cancel"));
  });
});
