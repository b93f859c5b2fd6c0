import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type JobState, JobWatch, type WatchOptions } from "../../src/job/watch";
import { ERROR, ID, RESULT, ScriptedServer, answer, problem, record } from "./server";

const FRAME_MS = 20;
let server: ScriptedServer;
let watch: JobWatch;
let told: JobState[];

function begin(options: WatchOptions = {}) {
  watch = new JobWatch(ID, { fetch: server.fetch, ...options });
  told = [];
  watch.subscribe(() => told.push(watch.snapshot()));
  watch.start();
  return pass(FRAME_MS);
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const now = () => watch.snapshot();

function show(state: "visible" | "hidden") {
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  document.dispatchEvent(new Event("visibilitychange"));
}

/** The waits between the questions asked so far. */
function waitsMs(): number[] {
  const at = server.of("job").map((call) => call.atMs);
  return at.slice(1).map((ms, i) => ms - (at[i] ?? 0));
}

function nothingIsLeft() {
  expect(server.open).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new ScriptedServer();
});

afterEach(async () => {
  watch.stop();
  show("visible");
  await pass(0);
  nothingIsLeft();
  vi.useRealTimers();
});

describe("events", () => {
  it("are listened to first, without a question", async () => {
    await begin();
    expect(now()).toMatchObject({ connection: "live", status: "running", progress: 45, stage: "rules" });
    server.stream.event(record(2, { progress: 60 }));
    await pass(FRAME_MS);
    expect(now().progress).toBe(60);
    expect(server.of("job")).toHaveLength(0);
    expect(server.of("events")[0]?.headers["Accept"]).toBe("text/event-stream");
  });

  it.each(["complete", "failed", "cancelled"] as const)("end with a job that is %s", async (status) => {
    await begin();
    server.stream.event(record(2, { status, result: RESULT, error: status === "failed" ? ERROR : null }));
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ status, connection: "closed", result: RESULT, eta: null });
    expect(now().error).toEqual(status === "failed" ? ERROR : null);
    nothingIsLeft();
    await pass(60_000);
    expect(server.calls).toHaveLength(1);
  });

  it("are taken once, and only if they are newer", async () => {
    await begin();
    const before = told.length;
    server.stream.event(record(1));
    server.stream.event(record(1));
    await pass(FRAME_MS);
    expect(told).toHaveLength(before);
    server.stream.event(record(10, { progress: 70 }));
    server.stream.event(record(9, { progress: 60, message: "late" }));
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ progress: 70, message: "Processing transaction 700/1000..." });
  });

  it("of a later epoch are newer, whatever they count", async () => {
    server.job = record(900, { change: "3-900" });
    await begin();
    server.stream.event(record(1, { change: "4-1", progress: 50 }));
    await pass(FRAME_MS);
    expect(now().progress).toBe(50);
  });

  it("never take the progress back", async () => {
    await begin();
    server.stream.event(record(2, { progress: 30 }));
    await pass(FRAME_MS);
    expect(now().progress).toBe(45);
    expect(now().job?.progress).toBe(30);
  });

  it("may be cut at any byte", async () => {
    await begin();
    const job = record(2, { message: "Überweisung 取引 🧾" });
    const text = `id: ${job.change}\r\ndata: ${JSON.stringify(job)}\r\n\r\n`;
    for (const byte of new TextEncoder().encode(text)) server.stream.bytes(Uint8Array.of(byte));
    await pass(FRAME_MS);
    expect(now().message).toBe("Überweisung 取引 🧾");
  });

  it("tell a listener at most once a frame", async () => {
    await begin();
    const before = told.length;
    for (let i = 0; i < 100; i++) {
      server.stream.event(record(2 + i, { progress: 46 + (i >> 2) }));
      await pass(1);
    }
    await pass(FRAME_MS);
    expect(told.length - before).toBeLessThanOrEqual(Math.ceil(100 / 16) + 1);
    expect(now().job?.change).toBe("3-101");
  });

  it("are asked for once more after a drop, from where they ended", async () => {
    await begin();
    server.stream.event(record(7));
    await pass(FRAME_MS);
    server.stream.drop();
    server.job = record(8, { progress: 50 });
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ connection: "polling", progress: 50 });
    await pass(1000);
    expect(server.of("events")).toHaveLength(2);
    expect(server.of("events")[1]?.headers["Last-Event-ID"]).toBe("3-8");
    expect(now().connection).toBe("live");
    await pass(4000);
    expect(server.of("job")).toHaveLength(1);
  });

  it("are kept alive by comments, and given up after 15 s without one", async () => {
    await begin();
    for (let i = 0; i < 12; i++) {
      await pass(5000);
      server.stream.comment();
    }
    await pass(14_900);
    expect(now().connection).toBe("live");
    expect(server.of("events")).toHaveLength(1);
    const asked = server.of("job").length;
    server.answers.job = () => new Promise(() => undefined);
    await pass(200);
    expect(server.of("events")[0]?.signal?.aborted).toBe(true);
    expect(server.of("job")).toHaveLength(asked + 1);
    expect(now()).toMatchObject({ connection: "offline", progress: 45 });
  });

  it("say when the broker is silent, and when it is not any more", async () => {
    await begin();
    await pass(5000);
    server.stream.comment("the broker does not answer");
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ connection: "stalled", progress: 45, status: "running" });
    expect(server.of("job")).toHaveLength(0);
    await pass(5000);
    server.stream.event(record(2, { progress: 50 }));
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ connection: "live", progress: 50 });
  });

  it("that bring nothing new are helped by a question: it says why the job waits", async () => {
    await begin();
    server.job = record(1, { waiting: "no llm process is running" });
    await pass(4900);
    server.stream.comment();
    await pass(FRAME_MS);
    expect(server.of("job")).toHaveLength(0);
    await pass(5000);
    server.stream.comment();
    await pass(FRAME_MS);
    expect(server.of("job")).toHaveLength(1);
    expect(now().job?.waiting).toBe("no llm process is running");
    server.stream.event(record(2, { progress: 50 }));
    await pass(FRAME_MS);
    expect(now().job?.waiting).toBeNull();
    expect(now().connection).toBe("live");
  });

  it("that never say anything are given up after three tries", async () => {
    server.answers.events = () => new Promise(() => undefined);
    await begin();
    await pass(120_000);
    expect(server.of("events")).toHaveLength(3);
    expect(server.of("job").length).toBeGreaterThan(10);
    expect(now().connection).toBe("polling");
  });

  it("that break at once are given up after three tries", async () => {
    server.noEvents();
    await begin();
    await pass(60_000);
    expect(server.of("events")).toHaveLength(3);
    expect(now().connection).toBe("polling");
  });

  it("are tried again when the server was away and is back", async () => {
    await begin();
    const { answers } = server;
    server.down();
    server.stream.drop();
    await pass(30_000);
    expect(now()).toMatchObject({ connection: "offline", progress: 45, status: "running" });
    const tries = server.of("events").length;
    server.answers = answers;
    server.job = record(2, { progress: 80 });
    await pass(5000 + FRAME_MS);
    expect(server.of("events").length).toBe(tries + 1);
    expect(now()).toMatchObject({ connection: "live", progress: 80 });
  });

  it("of no sense count as a broken line", async () => {
    await begin();
    server.stream.text("data: {\n\n");
    await pass(FRAME_MS);
    expect(server.of("events")[0]?.signal?.aborted).toBe(true);
    expect(now().connection).toBe("polling");
    server.answers.job = () => answer(200, null);
    server.noEvents();
    await pass(2000);
    expect(now()).toMatchObject({ connection: "offline", progress: 45 });
  });

  it("that are unanswered for 15 s give way to questions", async () => {
    server.delayMs = 16_000;
    await begin();
    await pass(15_000);
    expect(server.of("job")).toHaveLength(1);
  });

  it("leave connections free: the fifth job of a page is asked after", async () => {
    await begin();
    const others = Array.from({ length: 4 }, () => new JobWatch(ID, { fetch: server.fetch }));
    others.forEach((other) => other.start());
    await pass(FRAME_MS);
    expect(server.of("events")).toHaveLength(4);
    expect(others.map((other) => other.snapshot().connection)).toEqual(["live", "live", "live", "polling"]);
    others.forEach((other) => other.stop());
  });
});

describe("questions", () => {
  const exact = [1000, 1500, 2250, 3375, 5000, 5000].flatMap((ms) => Array<number>(5).fill(ms));

  it("come at 1 s five times, then 1.5 times as long five times, up to 5 s", async () => {
    await begin({ mode: "poll" });
    await pass(exact.reduce((sum, ms) => sum + ms, 0));
    expect(waitsMs()).toEqual(exact);
    expect(server.of("events")).toHaveLength(0);
    expect(now().connection).toBe("polling");
  });

  it("keep these waits while they are not answered", async () => {
    server.down();
    await begin({ mode: "poll" });
    await pass(exact.reduce((sum, ms) => sum + ms, 0));
    expect(waitsMs()).toEqual(exact);
    expect(now().connection).toBe("offline");
  });

  it("begin anew at 1 s when events fail once more", async () => {
    server.noEvents();
    await begin();
    await pass(20_000);
    show("hidden");
    show("visible");
    const asked = server.of("job").length;
    await pass(5100);
    expect(waitsMs().slice(asked)).toEqual([1000, 1000, 1000, 1000, 1000]);
  });

  it("wait for the answer to the one before", async () => {
    server.delayMs = 4000;
    await begin({ mode: "poll" });
    await pass(4000 + 1000 + 4000);
    expect(waitsMs()).toEqual([5000]);
    expect(server.of("job")).toHaveLength(2);
  });

  it("that are not answered within 15 s are given up", async () => {
    server.answers.job = () => new Promise(() => undefined);
    await begin({ mode: "poll" });
    await pass(16_000);
    expect(server.of("job")).toHaveLength(2);
    expect(server.of("job")[0]?.signal?.aborted).toBe(true);
    expect(now().connection).toBe("offline");
  });

  it.each(["complete", "failed", "cancelled"] as const)("end with a job that is %s", async (status) => {
    await begin({ mode: "poll" });
    server.job = record(2, { status });
    await pass(1100);
    expect(now()).toMatchObject({ status, connection: "closed" });
    nothingIsLeft();
    await pass(60_000);
    expect(server.calls).toHaveLength(2);
  });

  it("of mode events are never asked", async () => {
    await begin({ mode: "events" });
    server.stream.drop();
    server.noEvents();
    await pass(FRAME_MS);
    expect(now().connection).toBe("offline");
    await pass(120_000);
    expect(server.of("job")).toHaveLength(0);
    expect(server.of("events").length).toBeGreaterThan(10);
    expect(server.of("events").length).toBeLessThan(25);
  });
});

describe("a refusal", () => {
  it.each([["events", undefined], ["questions", "poll"]] as const)(
    "401 to %s is told once and ends it", async (_, mode) => {
      const refuse = () => problem(401, "key-needed");
      server.answers = { job: refuse, events: refuse };
      await begin({ mode });
      expect(now()).toMatchObject({
        connection: "closed",
        status: "pending",
        error: { code: "key-needed", message: "because of key-needed", row: null },
      });
      expect(told).toHaveLength(1);
      await pass(120_000);
      show("hidden");
      show("visible");
      await pass(120_000);
      expect(server.calls).toHaveLength(1);
    });

  it("404 of a job that was never seen is what the server says", async () => {
    server.answers.events = () => problem(404, "not-found");
    await begin();
    expect(now().error).toMatchObject({ code: "not-found", message: "because of not-found" });
    expect(now().connection).toBe("closed");
  });

  it("404 of a job that was seen means that its record has expired", async () => {
    await begin();
    show("hidden");
    server.answers.events = () => problem(404, "not-found");
    show("visible");
    await pass(FRAME_MS);
    expect(now().error?.code).toBe("expired");
    expect(now()).toMatchObject({ connection: "closed", progress: 45 });
    await pass(60_000);
    expect(server.calls).toHaveLength(2);
  });

  it("503 with Retry-After is obeyed by events and questions alike", async () => {
    const busy = () => problem(503, "busy", { "Retry-After": "20" });
    server.answers = { job: busy, events: busy };
    await begin();
    expect(now().connection).toBe("offline");
    await pass(19_900);
    expect(server.calls).toHaveLength(1);
    server.answers = {};
    await pass(200);
    expect(server.calls.length).toBeGreaterThan(1);
    expect(now()).toMatchObject({ connection: "live", error: null, progress: 45 });
  });

  it("503 of an API whose broker is silent is told as what it is", async () => {
    const silent = () => problem(503, "broker-unreachable", { "Retry-After": "2" });
    server.answers = { job: silent, events: silent };
    await begin();
    expect(now()).toMatchObject({ connection: "stalled", error: null });
    await pass(10_000);
    expect(now().connection).toBe("stalled");
    server.answers = {};
    await pass(15_000);
    expect(now().connection).toBe("live");
  });

  it("404 of what may have been there says how long that is", async () => {
    server.answers.events = () => problem(404, "not-found");
    await begin();
    expect(now().error).toMatchObject({ code: "not-found" });
    expect(now().error?.hint).toContain("kept for a day after its end");
  });

  it("503 to a question puts the next one off", async () => {
    await begin({ mode: "poll" });
    server.answers.job = () => problem(503, "busy", { "Retry-After": "30" });
    await pass(1000);
    await pass(29_900);
    expect(server.of("job")).toHaveLength(2);
    await pass(200);
    expect(server.of("job")).toHaveLength(3);
  });

  it("500 is no end: it is asked again", async () => {
    server.answers.job = () => problem(500, "broken");
    await begin({ mode: "poll" });
    expect(now()).toMatchObject({ connection: "offline", error: null });
    server.answers = {};
    await pass(1100);
    expect(now()).toMatchObject({ connection: "polling", progress: 45 });
  });
});

describe("a hidden tab", () => {
  it("rests, and asks at once when it is shown", async () => {
    await begin();
    show("hidden");
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ connection: "paused", progress: 45 });
    nothingIsLeft();
    await pass(600_000);
    expect(server.calls).toHaveLength(1);
    server.job = record(2, { progress: 90 });
    show("visible");
    expect(server.calls).toHaveLength(2);
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ connection: "live", progress: 90 });
  });

  it("begins to follow only when it is shown", async () => {
    show("hidden");
    await begin();
    expect(server.calls).toHaveLength(0);
    show("visible");
    await pass(FRAME_MS);
    expect(now().connection).toBe("live");
  });

  it("polls at once when it is shown", async () => {
    await begin({ mode: "poll" });
    await pass(200);
    show("hidden");
    await pass(60_000);
    expect(server.calls).toHaveLength(1);
    show("visible");
    expect(server.calls).toHaveLength(2);
  });
});

describe("stop", () => {
  it.each([
    ["a stream", {}],
    ["a question", { mode: "poll" as const }],
  ])("leaves no timer and no request of %s", async (_, options) => {
    await begin(options);
    await pass(500);
    watch.stop();
    nothingIsLeft();
    await pass(60_000);
    expect(server.calls).toHaveLength(1);
  });

  it("gives up what is not answered yet", async () => {
    server.delayMs = 1000;
    await begin();
    watch.stop();
    expect(server.calls[0]?.signal?.aborted).toBe(true);
    await pass(2000);
    expect(told).toEqual([]);
  });

  it("lets a cancel that is under way arrive", async () => {
    await begin();
    server.delayMs = 500;
    const cancelled = watch.cancel();
    watch.stop();
    await pass(1000);
    await expect(cancelled).resolves.toBeUndefined();
    expect(server.of("cancel")[0]?.signal).toBeNull();
  });

  it("may be followed by a start", async () => {
    await begin();
    watch.stop();
    watch.start();
    await pass(FRAME_MS);
    expect(now().connection).toBe("live");
    expect(server.of("events")).toHaveLength(2);
    expect(server.open).toHaveLength(1);
  });
});

describe("cancel", () => {
  it("is told at once, and over when the job has ended", async () => {
    await begin();
    server.delayMs = 300;
    const message = "Cancelling: finishing what was stored...";
    server.job = record(5, { message, ending: "cancelled" });
    const done = watch.cancel();
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ cancelling: true, status: "running" });
    expect(server.of("cancel")[0]).toMatchObject({ method: "POST", url: `/api/jobs/${ID}/cancel` });
    await pass(300);
    await done;
    expect(now()).toMatchObject({ cancelling: true, message });
    server.stream.event(record(6, { status: "cancelled", result: RESULT }));
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ cancelling: false, status: "cancelled", result: RESULT });
  });

  it("that somebody else asked for is told too", async () => {
    await begin();
    server.stream.event(record(5, { ending: "cancelled" }));
    await pass(FRAME_MS);
    expect(now().cancelling).toBe(true);
    server.stream.event(record(6, { status: "cancelled", result: RESULT }));
    await pass(FRAME_MS);
    expect(now().cancelling).toBe(false);
  });

  it("of a job that has ended meanwhile is no fault: the end is told", async () => {
    await begin();
    server.answers.cancel = () => problem(409, "job-ended");
    server.job = record(7, { status: "complete", result: RESULT });
    await watch.cancel();
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ status: "complete", cancelling: false, connection: "closed" });
  });

  it("that is refused is taken back and rejects with the reason", async () => {
    await begin();
    server.answers.cancel = () => problem(409, "ended");
    await expect(watch.cancel()).rejects.toMatchObject({ name: "ApiError", status: 409, code: "ended" });
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ cancelling: false, status: "running", connection: "live" });
    expect(server.of("cancel")).toHaveLength(1);
  });
});

describe("retry", () => {
  async function failed() {
    await begin();
    server.stream.event(record(2, { status: "failed", error: ERROR }));
    await pass(FRAME_MS);
  }

  it("goes on with the job and follows it again", async () => {
    await failed();
    server.job = record(3, { status: "pending", attempt: 2, progress: 45 });
    const done = watch.retry({ skip: true });
    await pass(FRAME_MS);
    await done;
    expect(server.of("retry")[0]?.body).toEqual({ skip: true });
    await pass(FRAME_MS);
    expect(now()).toMatchObject({
      status: "pending", error: null, retrying: false, connection: "live", progress: 45,
    });
    server.stream.event(record(4, { status: "complete", result: RESULT, attempt: 2 }));
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ status: "complete", progress: 100, connection: "closed" });
  });

  it("says so while it is asked for, and nothing else changes if it is refused", async () => {
    await failed();
    server.delayMs = 300;
    server.answers.retry = () => problem(409, "undone");
    server.job = record(2, { status: "failed", error: ERROR });
    const done = expect(watch.retry()).rejects.toMatchObject({ status: 409, code: "undone" });
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ retrying: true, status: "failed", error: ERROR });
    await pass(600);
    await done;
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ retrying: false, status: "failed", error: ERROR, connection: "closed" });
    nothingIsLeft();
  });
});

describe("a retry that somebody else asked for", () => {
  const again = { status: "running", attempt: 2, progress: 50 } as const;

  beforeEach(async () => {
    await begin();
    server.stream.event(record(2, { status: "failed", error: ERROR }));
    await pass(FRAME_MS);
    expect(now().connection).toBe("closed");
    server.job = record(3, again);
  });

  it.each(["focus", "visibilitychange"])("is seen on %s, and followed", async (what) => {
    if (what === "focus") window.dispatchEvent(new Event("focus"));
    else {
      show("hidden");
      show("visible");
    }
    await pass(2 * FRAME_MS);
    expect(now()).toMatchObject({ status: "running", progress: 50, job: { attempt: 2 }, error: null, connection: "live" });
    server.stream.event(record(4, { status: "complete", result: RESULT }));
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ status: "complete", connection: "closed" });
  });

  it("makes one's own unneeded: what goes on is followed", async () => {
    server.answers.retry = () => problem(409, "job-not-ended");
    await watch.retry();
    await pass(2 * FRAME_MS);
    expect(now()).toMatchObject({ status: "running", error: null, retrying: false, connection: "live" });
  });

  it("is not looked for once the job is complete", async () => {
    window.dispatchEvent(new Event("focus"));
    await pass(2 * FRAME_MS);
    server.stream.event(record(4, { status: "complete", result: RESULT }));
    await pass(FRAME_MS);
    const calls = server.calls.length;
    window.dispatchEvent(new Event("focus"));
    await pass(60_000);
    expect(server.calls).toHaveLength(calls);
  });
});

describe("the time that is left", () => {
  /** A job that runs evenly for 100 s, told once a second. */
  async function run(seconds: number) {
    await begin();
    for (let s = 1; s <= seconds; s++) {
      await pass(1000);
      server.stream.event(record(1 + s, { progress: s }));
    }
    await pass(FRAME_MS);
  }

  beforeEach(() => {
    server.job = record(1, { progress: 0 });
  });

  it("is not told in the first 5 s", async () => {
    await run(4);
    expect(now().eta).toBeNull();
  });

  it("is right for a job that runs evenly, however wrong either clock is", async () => {
    vi.setSystemTime(new Date("1999-01-01T00:00:00Z"));
    await run(30);
    expect(now().eta).toBeGreaterThan(65_000);
    expect(now().eta).toBeLessThan(75_000);
    vi.setSystemTime(new Date("2044-01-01T00:00:00Z"));
    server.stream.event(record(99, { progress: 31 }));
    await pass(FRAME_MS);
    expect(now().eta).toBeLessThan(75_000);
  });

  it("is taken back when the job stands still, and the job called late", async () => {
    await run(30);
    expect(now().late).toBe(false);
    for (let s = 0; s < 48; s++) {
      await pass(5000);
      server.stream.comment();
    }
    await pass(FRAME_MS);
    expect(now()).toMatchObject({ eta: null, late: true, connection: "live", progress: 30 });
  });
});
