import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Job } from "../../src/client/api";
import Jobs from "../../src/dashboard/jobs/Jobs";
import { doAll } from "../../src/dashboard/jobs/bulk";
import { Client } from "../../src/client/api";
import { ScopeProvider } from "../../src/dashboard/shell/scope";
import { ToastProvider } from "../../src/dashboard/shell/toasts";
import { click, pass, render, unmount } from "../job/react";
import { ScriptedServer, answer, problem, record } from "../job/server";

const job = (name: string, changes: Partial<Job>) =>
  record(1, { id: `job_${name}`, meta: { file_name: `${name}.csv`, bytes: 1 }, ...changes });
const JOBS = [
  job("running", { status: "running" }),
  job("stopping", { status: "running", ending: "cancelled" }),
  job("pending", { status: "pending" }),
  job("failed", { status: "failed" }),
  job("complete", { status: "complete" }),
];
const COUNTS = { pending: 1, running: 2, complete: 1, failed: 1, cancelled: 0 };

let server: ScriptedServer;
let box: HTMLElement;
const button = (name: string) => [...box.querySelectorAll("button")].find((one) => one.textContent === name);
const choose = (name: string) => click(box.querySelector(`[aria-label="${name}"]`));
const one = (name: string) => choose(`Choose \u2068${name}.csv\u2069`);
const words = (selector: string) => box.querySelector(selector)?.textContent ?? "";
const asked = (kind: "cancel" | "retry") => server.of(kind).map(({ url }) => url.split("/")[3]);

beforeEach(async () => {
  vi.useFakeTimers();
  window.history.replaceState(null, "", "/dashboard/background-jobs?tenant=t1&company=acme");
  server = new ScriptedServer(JOBS[0]);
  server.answers.other = () => answer(200, { items: JOBS, next_cursor: null, counts: COUNTS });
  vi.stubGlobal("fetch", server.fetch);
  box = await render(<ScopeProvider><ToastProvider><Jobs /></ToastProvider></ScopeProvider>);
  await pass(0);
});

afterEach(async () => {
  await unmount();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("of the chosen jobs only those are cancelled that can be, and only when that is confirmed", async () => {
  await choose("Choose all");
  expect(words(".bulk [role=status]")).toBe("5 jobs chosen");
  await click(button("Cancel 2…"));
  expect(words("dialog h2")).toBe("Cancel 2 jobs?");
  await click(button("Let them go on"));
  expect(server.of("cancel")).toHaveLength(0);
  await click(button("Cancel 2…"));
  await click(button("Cancel them"));
  await pass(0);
  expect(asked("cancel")).toEqual(["job_running", "job_pending"]);
  expect(words(".toasts")).toContain("2 jobs told to stop");
  expect(words(".bulk [role=status]")).toBe("3 jobs chosen");
});

test("what is refused is said, and stays chosen", async () => {
  await one("failed");
  server.answers.retry = () => problem(409, "undone");
  await click(button("Try 1 again"));
  await pass(0);
  expect(asked("retry")).toEqual(["job_failed"]);
  expect(words(".toasts")).toContain("0 jobs tried again; 1 refused: because of undone");
  expect(words(".bulk [role=status]")).toBe("1 job chosen");
  await click(button("Choose none"));
  expect(words(".bulk [role=status]")).toBe("");
  expect(document.activeElement).toBe(box.querySelector(".bulk"));
});

test("a job that nothing can be done with offers nothing", async () => {
  await one("complete");
  await one("stopping");
  expect([...box.querySelectorAll(".bulk button")].map((each) => each.textContent)).toEqual(["Choose none"]);
});

test("three are asked at a time, and one that is refused hinders none", async () => {
  server.delayMs = 100;
  server.answers.cancel = ({ url }) => (url.includes("job_2") ? problem(409, "job-ended") : answer(202, JOBS[0]));
  const many = Array.from({ length: 7 }, (_, i) => job(String(i), {}));
  const doing = doAll(new Client({ fetch: server.fetch }), "cancel", many);
  await pass(50);
  expect(server.of("cancel")).toHaveLength(3);
  await pass(400);
  const { done, refused } = await doing;
  expect(done).toHaveLength(6);
  expect(refused.map(({ job: { id }, error }) => [id, error.code])).toEqual([["job_2", "job-ended"]]);
});
