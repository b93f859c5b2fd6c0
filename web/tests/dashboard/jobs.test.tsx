import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Job } from "../../src/client/api";
import Jobs from "../../src/dashboard/jobs/Jobs";
import { ScopeProvider } from "../../src/dashboard/shell/scope";
import { ToastProvider } from "../../src/dashboard/shell/toasts";
import { type } from "../books/page";
import { click, pass, render, unmount } from "../job/react";
import { ID, ScriptedServer, answer, problem, record } from "../job/server";

const COUNTS = { pending: 0, running: 1, complete: 0, failed: 0, cancelled: 0 };
let server: ScriptedServer;
let box: HTMLElement;

const view = (shown = true) => (
  <ScopeProvider><ToastProvider>{shown && <Jobs />}</ToastProvider></ScopeProvider>
);
async function begin(job: Partial<Job> = {}) {
  server = new ScriptedServer(record(1, job));
  server.answers.other = ({ method }) =>
    method === "POST"
      ? answer(202, { job_id: ID, status: "pending" })
      : answer(200, { items: [server.job], next_cursor: null, counts: COUNTS });
  vi.stubGlobal("fetch", server.fetch);
  box = await render(view());
  await pass(0);
}
const lists = () => server.of("other").filter(({ url }) => url.includes("limit=50"));

beforeEach(() => {
  vi.useFakeTimers();
  window.history.replaceState(null, "", "/dashboard/background-jobs?tenant=t1&company=acme");
});

afterEach(async () => {
  await unmount();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a running job says in its row why it waits", async () => {
  await begin({ waiting: "no llm process is running" });
  expect(box.querySelector("tbody .progress-cell")?.textContent)
    .toBe("Processing transaction 450/1000... (no llm process is running)");
});

test("counts that can't be asked for any more are said to be old, and are new again", async () => {
  await begin();
  const { other } = server.answers;
  server.answers.other = () => problem(503, "broker-unreachable");
  await pass(3000);
  expect(box.textContent).toContain("These counts are of a while ago: because of broker-unreachable");
  expect(box.querySelector(".counts")?.textContent).toContain("1 running");
  server.answers.other = other as NonNullable<typeof other>;
  await pass(3000);
  expect(box.textContent).not.toContain("of a while ago");
});

test("a type is typed in peace: the list is asked for once", async () => {
  await begin();
  const before = lists().length;
  const field = box.querySelector<HTMLInputElement>("input[list=job-types]");
  field?.focus();
  for (const typed of ["c", "ca", "categorize"]) {
    await type(typed);
    await pass(100);
  }
  expect(lists()).toHaveLength(before);
  await pass(1000);
  expect(lists().slice(before).map(({ url }) => new URLSearchParams(url.split("?")[1]).get("type")))
    .toEqual(["categorize"]);
  expect(document.activeElement).toBe(field);
});

test("a job that was asked for leads nobody away from another view", async () => {
  await begin();
  server.delayMs = 500;
  await click([...box.querySelectorAll("button")].find((one) => one.textContent === "Categorize again"));
  await render(view(false));
  await pass(600);
  expect(window.location.pathname).toBe("/dashboard/background-jobs");
  expect(box.querySelector(".toasts")?.textContent).toContain("being looked at again");
});
