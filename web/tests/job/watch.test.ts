import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, type Status } from "../../src/client/api";
import { JobWatch, type WatchOptions } from "../../src/job/watch";
import { Scripted, jobAt, show } from "./scripted";

const FRAME_MS = 16;
const TEN_MINUTES_MS = 600_000;

let server: Scripted;
let watch: JobWatch;

function begin(options: WatchOptions = {}) {
  watch = new JobWatch("job_1", { fetch: server.fetch, ...options });
  watch.start();
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const now = async () => {
  await pass(FRAME_MS);
  return watch.snapshot();
};

beforeEach(() => {
  vi.useFakeTimers();
  show("visible");
  server = new Scripted();
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

describe("events", () => {
  it("tell the record at once and every change", async () => {
    begin();
    expect(await now()).toMatchObject({ status: "pending", progress: 0, connection: "live" });
    server.tell(jobAt(45, "1-2"));
    expect(await now()).toMatchObject({
      status: "running",
      progress: 45,
      stage: "rules",
      message: "Processing transaction 450/1000...",
    });
    expect(server.asked).toEqual([]);
  });

  it.each<Status>(["complete", "failed", "cancelled"])("end with a job that is %s", async (status) => {
    begin();
    await now();
    server.tell(jobAt(status === "complete" ? 100 : 45, "1-9", status));
    expect(await now()).toMatchObject({ status, connection: "closed" });
    expect(server.open).toBe(0);
    await pass(TEN_MINUTES_MS);
    expect(server.calls).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("that are dropped are asked for at once, and go on from the last that was heard", async () => {
    begin();
    server.job = jobAt(10, "1-2");
    await now();
    server.drop();
    expect(await now()).toMatchObject({ connection: "polling" });
    expect(server.asked).toEqual([0]);
    server.job = jobAt(50, "1-7");
    await pass(1000);
    expect(server.listened.map((call) => call.headers["Last-Event-ID"])).toEqual([undefined, "1-2"]);
    expect(await now()).toMatchObject({ connection: "live", progress: 50 });
    const before = server.asked.length;
    await pass(10_000);
    expect(server.asked).toHaveLength(before);
  });

  it("that fall silent are given up after 15 s, not before", async () => {
    begin();
    await pass(14_999);
    expect(server.asked).toEqual([]);
    await pass(1);
    expect(server.asked).toEqual([0]);
    expect(server.streams[0]?.open).toBe(false);
  });

  it("are muted when the server never says anything", async () => {
    server.mute = true;
    begin();
    await pass(15_000);
    expect(await now()).toMatchObject({ connection: "polling" });
  });

  it("live on the server's comments", async () => {
    begin();
    for (let i = 0; i < 12; i++) {
      await pass(5000);
      server.say(": still here\n\n");
    }
    expect(server.asked).toEqual([]);
    expect(await now()).toMatchObject({ connection: "live" });
  });

  it("are given up for questions alone after three tries", async () => {
    server.streamRefusal = "gone";
    begin();
    await pass(TEN_MINUTES_MS);
    expect(server.listened).toHaveLength(3);
    expect(server.asked.length).toBeGreaterThan(100);
  });

  it("told twice or out of order change nothing", async () => {
    begin();
    await now();
    server.tell(jobAt(60, "1-10"));
    await now();
    const heard = vi.fn();
    watch.subscribe(heard);
    server.tell(jobAt(60, "1-10"));
    server.tell(jobAt(30, "1-9"));
    expect(await now()).toMatchObject({ progress: 60, job: { change: "1-10" } });
    expect(heard).not.toHaveBeenCalled();
  });

  it("of a restarted broker are newer, whatever their count", async () => {
    begin();
    server.tell(jobAt(60, "1-900"));
    await now();
    server.tell(jobAt(70, "2-1"));
    expect(await now()).toMatchObject({ progress: 70 });
  });

  it("never let progress fall", async () => {
    begin();
    await now();
    server.tell(jobAt(60, "1-2"));
    server.tell(jobAt(40, "1-3"));
    expect(await now()).toMatchObject({ progress: 60, job: { change: "1-3" } });
  });

  it("in a burst are told once a frame", async () => {
    begin();
    await now();
    const heard = vi.fn();
    watch.subscribe(heard);
    for (let i = 2; i <= 90; i++) server.tell(jobAt(i, `1-${i}`));
    await now();
    expect(heard).toHaveBeenCalledTimes(1);
    expect(watch.snapshot().progress).toBe(90);
  });

  it("that are no JSON count as a broken line", async () => {
    begin();
    await now();
    server.say("data: {half\n\n");
    expect(await now()).toMatchObject({ connection: "polling" });
  });

  it('alone, in mode "events", are tried again and again and never asked for', async () => {
    server.streamRefusal = "gone";
    begin({ mode: "events" });
    await pass(60_000);
    expect(await now()).toMatchObject({ connection: "offline" });
    expect(server.asked).toEqual([]);
    server.streamRefusal = null;
    await pass(8000);
    expect(await now()).toMatchObject({ connection: "live" });
  });
});

describe("questions", () => {
  it("are asked every 1 s five times, 1.5 s five times, and so on by 1.5 up to 5 s", async () => {
    begin({ mode: "poll" });
    await pass(120_000);
    const gaps = server.asked.map((ms, i, all) => ms - (all[i - 1] ?? 0)).slice(1, 27);
    const five = (ms: number) => Array<number>(5).fill(ms);
    expect(gaps).toEqual([...five(1000), ...five(1500), ...five(2250), ...five(3375), ...five(5000), 5000]);
    expect(server.listened).toEqual([]);
  });

  it.each<Status>(["complete", "failed", "cancelled"])("end with a job that is %s", async (status) => {
    begin({ mode: "poll" });
    await pass(2500);
    expect(server.asked).toEqual([0, 1000, 2000]);
    server.job = jobAt(100, "1-9", status);
    await pass(TEN_MINUTES_MS);
    expect(server.asked).toEqual([0, 1000, 2000, 3000]);
    expect(watch.snapshot()).toMatchObject({ status, connection: "closed" });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("wait for a slow answer instead of piling up", async () => {
    server.answerMs = 4000;
    begin({ mode: "poll" });
    await pass(15_500);
    expect(server.asked).toEqual([0, 5000, 10_000, 15_000]);
  });

  it("that are not answered in 15 s are lost, and asked again", async () => {
    server.answerMs = 1e9;
    begin({ mode: "poll" });
    await pass(15_100);
    expect(watch.snapshot().connection).toBe("offline");
    server.answerMs = 0;
    await pass(1000);
    expect(watch.snapshot()).toMatchObject({ connection: "polling", job: { id: "job_1" } });
  });

  it("heed what a busy server asks for", async () => {
    server.refusal = { status: 503, code: "broker-away", retryAfterS: 7 };
    begin({ mode: "poll" });
    await pass(14_500);
    expect(server.asked).toEqual([0, 7000, 14_000]);
  });

  it("go on while the network is away, with the last good state", async () => {
    server.job = jobAt(40, "1-5");
    begin({ mode: "poll" });
    await pass(100);
    server.refusal = "gone";
    await pass(5000);
    expect(watch.snapshot()).toMatchObject({ connection: "offline", progress: 40, error: null });
    server.refusal = null;
    await pass(1600);
    expect(watch.snapshot()).toMatchObject({ connection: "polling", progress: 40 });
  });
});

describe("a refusal", () => {
  it.each(["events", "poll"] as const)("of the key ends with its code and no second call (%s)", async (mode) => {
    server.refusal = { status: 401, code: "key-unknown" };
    begin({ mode });
    expect(await now()).toMatchObject({ error: { code: "key-unknown" }, connection: "closed" });
    await pass(TEN_MINUTES_MS);
    expect(server.calls).toHaveLength(1);
  });

  it("after the record has expired says so", async () => {
    server.job = jobAt(40, "1-5");
    begin();
    await now();
    server.refusal = { status: 404, code: "job-unknown" };
    server.drop();
    expect(await now()).toMatchObject({ error: { code: "expired" }, connection: "closed", progress: 40 });
    await pass(TEN_MINUTES_MS);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("of a job that never was keeps the API's own code", async () => {
    server.refusal = { status: 404, code: "job-unknown" };
    begin();
    expect(await now()).toMatchObject({ error: { code: "job-unknown", message: "refused: job-unknown" } });
  });
});

describe("a hidden page", () => {
  it("is told nothing and asks nothing, and asks at once when it is shown", async () => {
    begin({ mode: "poll" });
    await pass(1500);
    show("hidden");
    expect(await now()).toMatchObject({ connection: "paused" });
    await pass(TEN_MINUTES_MS);
    expect(server.asked).toEqual([0, 1000]);
    server.job = jobAt(80, "1-8");
    show("visible");
    expect(await now()).toMatchObject({ progress: 80, connection: "polling" });
  });

  it("holds no stream, and takes one up where it was", async () => {
    begin();
    await now();
    server.tell(jobAt(20, "1-4"));
    await now();
    show("hidden");
    await now();
    expect(server.open).toBe(0);
    show("visible");
    await now();
    expect(server.open).toBe(1);
    expect(server.listened.at(-1)?.headers["Last-Event-ID"]).toBe("1-4");
  });

  it("begins with nothing when it is opened hidden", async () => {
    show("hidden");
    begin();
    await pass(60_000);
    expect(server.calls).toEqual([]);
  });
});

describe("stop", () => {
  it.each(["events", "poll"] as const)("ends every timer, stream and question (%s)", async (mode) => {
    begin({ mode });
    await pass(2500);
    const before = server.calls.length;
    watch.stop();
    await pass(0);
    expect(server.open).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    show("visible");
    await pass(TEN_MINUTES_MS);
    expect(server.calls).toHaveLength(before);
  });

  it("is no end: start goes on", async () => {
    begin();
    await now();
    watch.stop();
    server.job = jobAt(30, "1-3");
    watch.start();
    expect(await now()).toMatchObject({ progress: 30, connection: "live" });
    expect(server.open).toBe(1);
  });
});

describe("cancel and retry", () => {
  it("say so before the server does", async () => {
    begin();
    server.tell(jobAt(45, "1-2"));
    await now();
    server.answerMs = 500;
    void watch.cancel();
    expect(await now()).toMatchObject({ cancelling: true, status: "running" });
    server.tell(jobAt(45, "1-3", "cancelled"));
    expect(await now()).toMatchObject({ cancelling: false, status: "cancelled" });
    server.job = jobAt(45, "1-4", "pending");
    void watch.retry();
    expect(await now()).toMatchObject({ status: "pending", connection: "connecting" });
    await pass(1100);
    server.tell(jobAt(100, "1-9", "complete"));
    expect(await now()).toMatchObject({ status: "complete", progress: 100, connection: "closed" });
  });

  it("take it back when they are refused", async () => {
    begin();
    server.tell(jobAt(45, "1-2"));
    await now();
    server.refusal = { status: 409, code: "job-ended" };
    await expect(watch.cancel()).rejects.toBeInstanceOf(ApiError);
    expect(await now()).toMatchObject({ cancelling: false, status: "running" });
    server.tell(jobAt(45, "1-3", "failed"));
    await now();
    await expect(watch.retry({ skip: true })).rejects.toMatchObject({ status: 409 });
    expect(await now()).toMatchObject({ status: "failed", connection: "closed" });
    await pass(TEN_MINUTES_MS);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("eta", () => {
  async function run(skewMs: number): Promise<number | null> {
    server = new Scripted();
    begin();
    vi.setSystemTime(Date.now() + skewMs);
    for (let i = 1; i <= 40; i++) {
      await pass(500);
      server.tell(jobAt(i, `1-${i + 1}`));
      if (i === 20) vi.setSystemTime(Date.now() - 3 * skewMs);
    }
    const { eta } = await now();
    watch.stop();
    return eta;
  }

  it("is what is left at the speed so far", async () => {
    const eta = await run(0);
    expect(eta).toBeGreaterThan(27_000);
    expect(eta).toBeLessThan(33_000);
  });

  it("is the same when clocks are wrong and jump", async () => {
    expect(await run(86_400_000)).toBe(await run(0));
  });

  it("is not told once the job has ended", async () => {
    begin();
    for (let i = 1; i <= 20; i++) {
      await pass(500);
      server.tell(jobAt(i, `1-${i + 1}`));
    }
    expect((await now()).eta).not.toBeNull();
    server.tell(jobAt(20, "1-90", "cancelled"));
    expect((await now()).eta).toBeNull();
  });
});
