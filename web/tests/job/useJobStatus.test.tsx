import { StrictMode } from "react";
import { renderToString } from "react-dom/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type JobStatus, useJobStatus } from "../../src/job/useJobStatus";
import type { WatchOptions } from "../../src/job/watch";
import { pass, render, show, unmount } from "./react";
import { ID, RESULT, ScriptedServer, problem, record } from "./server";

let server: ScriptedServer;
let seen: JobStatus[];

const last = (): JobStatus => seen.at(-1) as JobStatus;

function Probe({ id = ID, ...options }: { id?: string | null } & WatchOptions) {
  const status = useJobStatus(id, { fetch: server.fetch, ...options });
  seen.push(status);
  return <output>{status.progress}</output>;
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new ScriptedServer();
  seen = [];
});

afterEach(async () => {
  show("visible");
  await unmount();
  expect(server.open).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe("useJobStatus", () => {
  it("tells a job from its first record to its end", async () => {
    await render(<Probe />);
    expect(last()).toMatchObject({ status: "pending", progress: 0, connection: "connecting" });
    await pass(20);
    expect(last()).toMatchObject({ status: "running", progress: 45, connection: "live" });
    server.stream.event(record(2, { status: "complete", result: RESULT }));
    await pass(20);
    expect(last()).toMatchObject({ status: "complete", progress: 100, result: RESULT });
  });

  it("asks for nothing without an id, and follows when there is one", async () => {
    await render(<Probe id={null} />);
    await pass(60_000);
    expect(server.calls).toHaveLength(0);
    await expect(last().cancel()).rejects.toThrow("no job");
    await render(<Probe />);
    await pass(20);
    expect(last().progress).toBe(45);
  });

  it("follows another job from its beginning when the id changes", async () => {
    await render(<Probe />);
    await pass(20);
    await render(<Probe id="job_2" />);
    expect(last()).toMatchObject({ progress: 0, job: null, connection: "connecting" });
    expect(server.calls.map((call) => call.url)).toEqual([`/api/jobs/${ID}/events`, "/api/jobs/job_2/events"]);
    expect(server.calls[0]?.signal?.aborted).toBe(true);
  });

  it("follows one job once, though fetch is another function in each render", async () => {
    for (let i = 0; i < 5; i++) await render(<Probe fetch={(...call) => server.fetch(...call)} />);
    await pass(20);
    expect(server.calls).toHaveLength(1);
    expect(last().progress).toBe(45);
  });

  it("begins anew with another key", async () => {
    server.answers.events = () => problem(401, "key-needed");
    await render(<Probe apiKey="old" />);
    await pass(20);
    expect(last().error?.code).toBe("key-needed");
    server.answers = {};
    await render(<Probe apiKey="new" />);
    await pass(20);
    expect(last()).toMatchObject({ error: null, progress: 45 });
    expect(server.calls.map((call) => call.headers["Authorization"])).toEqual(["Bearer old", "Bearer new"]);
  });

  it("keeps cancel, retry and an unchanged state the same from render to render", async () => {
    await render(<Probe />);
    await pass(20);
    const before = last();
    await render(<Probe />);
    expect(last()).toBe(before);
  });

  it.each([
    ["poll", "job", "polling"],
    ["events", "events", "live"],
  ] as const)("of mode %s only uses that", async (mode, kind, connection) => {
    await render(<Probe mode={mode} />);
    await pass(30_000 / 4);
    if (mode === "events") server.stream.comment();
    await pass(20);
    expect(server.calls.every((call) => call.kind === kind)).toBe(true);
    expect(last().connection).toBe(connection);
  });

  it("follows once in StrictMode, which mounts twice", async () => {
    await render(<StrictMode><Probe /></StrictMode>);
    await pass(20);
    expect(last()).toMatchObject({ progress: 45, connection: "live" });
    expect(server.open).toHaveLength(1);
    await pass(5000);
    expect(server.of("job")).toHaveLength(0);
  });

  it("leaves nothing behind when it is unmounted before the first answer", async () => {
    server.delayMs = 1000;
    await render(<StrictMode><Probe /></StrictMode>);
    await unmount();
    expect(server.calls.every((call) => call.signal?.aborted)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("renders at most once a frame, however many events come", async () => {
    await render(<Probe />);
    await pass(20);
    const before = seen.length;
    for (let ms = 0; ms < 160; ms++) {
      server.stream.event(record(2 + 2 * ms, { message: `a${ms}` }));
      server.stream.event(record(3 + 2 * ms, { message: `b${ms}` }));
      await pass(1);
    }
    await pass(20);
    expect(seen.length - before).toBeLessThanOrEqual(11);
    expect(seen.length - before).toBeGreaterThan(5);
    expect(last().message).toBe("b159");
  });

  it("rests in a hidden tab", async () => {
    await render(<Probe />);
    await pass(20);
    show("hidden");
    await pass(60_000);
    expect(last().connection).toBe("paused");
    expect(server.calls).toHaveLength(1);
    show("visible");
    await pass(20);
    expect(last().connection).toBe("live");
  });

  it("renders on a server, where there is no window, and asks for nothing there", () => {
    vi.stubGlobal("document", undefined);
    vi.stubGlobal("window", undefined);
    expect(renderToString(<Probe />)).toBe("<output>0</output>");
    vi.unstubAllGlobals();
    expect(server.calls).toHaveLength(0);
    expect(last()).toMatchObject({ status: "pending", connection: "connecting" });
  });
});
