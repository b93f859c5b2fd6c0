import { StrictMode } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type JobStatus, useJobStatus } from "../../src/job/useJobStatus";
import { Page } from "./render";
import { Scripted, jobAt, show } from "./scripted";

let server: Scripted;
let page: Page;
let seen: JobStatus;
let renders: number;

interface ProbeProps {
  id: string | null;
  mode?: "poll" | "events";
}

function Probe({ id, mode }: ProbeProps) {
  /* A function of this very render, as an application would write it. */
  seen = useJobStatus(id, { mode, fetch: (input, init) => server.fetch(input, init) });
  renders++;
  return <p>{seen.status}</p>;
}

beforeEach(() => {
  vi.useFakeTimers();
  show("visible");
  server = new Scripted();
  page = new Page();
  renders = 0;
});
afterEach(async () => {
  await page.close();
  vi.useRealTimers();
});

describe("useJobStatus", () => {
  it("gives everything that it promises", async () => {
    await page.show(<Probe id="job_1" />);
    await page.pass(20);
    server.tell(jobAt(45, "1-2"));
    await page.pass(20);
    expect(seen).toMatchObject({
      status: "running",
      progress: 45,
      stage: "rules",
      message: "Processing transaction 450/1000...",
      result: null,
      error: null,
      eta: null,
      connection: "live",
    });
    expect(seen.stages).toHaveLength(6);
    expect(seen.cancel).toBeTypeOf("function");
    expect(seen.retry).toBeTypeOf("function");
  });

  it("begins once, though its options are written in place", async () => {
    await page.show(<Probe id="job_1" />);
    for (let i = 2; i < 12; i++) {
      server.tell(jobAt(i, `1-${i}`));
      await page.pass(20);
    }
    expect(server.calls).toHaveLength(1);
  });

  it("holds one stream in strict mode", async () => {
    await page.show(
      <StrictMode>
        <Probe id="job_1" />
      </StrictMode>,
    );
    await page.pass(20);
    server.tell(jobAt(30, "1-2"));
    await page.pass(20);
    expect(server.open).toBe(1);
    expect(seen.progress).toBe(30);
  });

  it.each(["events", "poll"] as const)("leaves nothing running when it is unmounted (%s)", async (mode) => {
    await page.show(<Probe id="job_1" mode={mode} />);
    await page.pass(2500);
    const before = server.calls.length;
    await page.show(null);
    expect(server.open).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    await page.pass(60_000);
    expect(server.calls).toHaveLength(before);
  });

  it("follows another job when the id changes, and forgets the first", async () => {
    server.job = jobAt(80, "1-7");
    await page.show(<Probe id="job_1" />);
    await page.pass(20);
    expect(seen.progress).toBe(80);
    server.job = { ...jobAt(5, "1-8"), id: "job_2" };
    await page.show(<Probe id="job_2" />);
    await page.pass(20);
    expect(seen.progress).toBe(5);
    expect(server.open).toBe(1);
    expect(server.calls.at(-1)?.path).toBe("/api/jobs/job_2/events");
  });

  it("waits while there is no id", async () => {
    await page.show(<Probe id={null} />);
    await page.pass(60_000);
    expect(seen.status).toBe("pending");
    expect(server.calls).toEqual([]);
    await expect(seen.cancel()).rejects.toThrow("There is no job");
  });

  it("renders at most once a frame", async () => {
    await page.show(<Probe id="job_1" />);
    await page.pass(20);
    const before = renders;
    for (let i = 2; i <= 100; i++) server.tell(jobAt(i > 99 ? 99 : i, `1-${i}`));
    await page.pass(16);
    expect(renders - before).toBe(1);
  });

  it("keeps its object while nothing changes", async () => {
    await page.show(<Probe id="job_1" />);
    await page.pass(20);
    const before = seen;
    await page.show(<Probe id="job_1" />);
    expect(seen).toBe(before);
  });
});
