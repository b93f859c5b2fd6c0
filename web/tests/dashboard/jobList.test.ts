import { expect, test } from "vitest";
import type { Job } from "../../src/client/api";
import { type Filters, merge } from "../../src/dashboard/jobs/jobList";

const ANY: Filters = { tenant: "", company: "", status: "", type: "" };

const id = (number: number) => `job_${String(number).padStart(6, "0")}`;

function job(number: number, change: string, fields: Partial<Job> = {}): Job {
  return {
    id: id(number),
    change,
    tenant_id: "t1",
    company_id: "acme",
    status: "running",
    type: "categorize",
    ...fields,
  } as Job;
}

const ids = (jobs: Job[]) => jobs.map((one) => Number(one.id.slice(4)));

test("a newer change replaces a job where it stands, an older one is left out", () => {
  const pages = [job(3, "2-9"), job(2, "2-5"), job(1, "2-1")];
  const { jobs } = merge(pages, [job(2, "2-10", { progress: 50 }), job(3, "1-99", { progress: 1 })], ANY, "");
  expect(ids(jobs)).toEqual([3, 2, 1]);
  expect(jobs.map((one) => one.change)).toEqual(["2-9", "2-10", "2-1"]);
});

test("a job that begins goes to the top", () => {
  expect(ids(merge([job(2, "1-2")], [job(5, "1-6"), job(4, "1-5")], ANY, id(2)).jobs)).toEqual([5, 4, 2]);
});

test("a job that no longer fits the filter leaves, and one that does not fit never comes", () => {
  const running = { ...ANY, status: "running" };
  const ended = job(2, "1-9", { status: "complete" });
  expect(ids(merge([job(2, "1-2"), job(1, "1-1")], [ended], running, "").jobs)).toEqual([1]);
  expect(ids(merge([], [job(7, "1-3", { company_id: "other" })], { ...ANY, company: "acme" }, "").jobs)).toEqual([]);
});

test("a job that came with two pages is listed once, as it is now", () => {
  const { jobs } = merge([job(2, "1-2"), job(1, "1-7"), job(1, "1-3")], [], ANY, "");
  expect(ids(jobs)).toEqual([2, 1]);
  expect(jobs[1]?.change).toBe("1-7");
});

test("a job of another tenant or type never comes", () => {
  expect(merge([], [job(7, "1-3", { tenant_id: "t2" })], { ...ANY, tenant: "t1" }, "").jobs).toEqual([]);
  expect(merge([], [job(7, "1-3")], { ...ANY, type: "other" }, "").jobs).toEqual([]);
});

test("one that came and went within what was heard is gone", () => {
  const heard = [job(9, "1-3"), job(9, "1-4", { status: "failed" })];
  expect(ids(merge([], heard, { ...ANY, status: "running" }, "").jobs)).toEqual([]);
});

test("a change of a job on a page that is not there yet makes no gap in the list", () => {
  const pages = [job(9, "1-9"), job(8, "1-8")];
  expect(ids(merge(pages, [job(3, "1-20")], ANY, id(8)).jobs)).toEqual([9, 8]);
  expect(ids(merge(pages, [job(3, "1-20")], ANY, "").jobs)).toEqual([9, 8, 3]);
});

test("a job between the last that fits and where the next page begins is on neither: it comes", () => {
  const failed = { ...ANY, status: "failed" };
  const now = [job(5, "1-20", { status: "failed" }), job(2, "1-21", { status: "failed" })];
  expect(ids(merge([job(9, "1-9", { status: "failed" })], now, failed, id(4)).jobs)).toEqual([9, 5]);
});

test("a flood of new jobs is held back, the oldest of them first in", () => {
  const flood = Array.from({ length: 250 }, (_, i) => job(100 + i, `1-${100 + i}`));
  const { jobs, newer } = merge([job(1, "1-1")], flood, ANY, id(1));
  expect(newer).toBe(150);
  expect(ids(jobs).slice(0, 2)).toEqual([199, 198]);
  expect(ids(jobs).at(-1)).toBe(1);
});
