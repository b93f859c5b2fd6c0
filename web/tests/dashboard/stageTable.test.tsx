import { afterEach, expect, test } from "vitest";
import type { Job } from "../../src/client/api";
import { StageTable } from "../../src/dashboard/jobs/StageTable";
import { render, unmount } from "../job/react";
import { record } from "../job/server";

afterEach(unmount);

const cells = (box: HTMLElement) =>
  [...box.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent));

function withUnits(units: Partial<Job["stages"][number]["units"]>): Job {
  const job = record(1, { progress: 45 });
  const [first, ...rest] = job.stages as [Job["stages"][number]];
  return { ...job, stages: [{ ...first, units: { ...first.units, ...units } }, ...rest] };
}

test("a job's units are told where they are", async () => {
  const box = await render(<StageTable job={withUnits({ done: 7, queued: 3, in_flight: 2 })} />);
  expect(cells(box)[0]).toEqual(["Read parse", "450 of 1,000", "7", "3", "2"]);
  expect(cells(box)).toHaveLength(6);
});

test("tries that failed are told where there were any", async () => {
  const box = await render(<StageTable job={withUnits({ failures: 1 })} />);
  expect(box.querySelector("thead")?.textContent).toContain("Failed tries");
  expect(cells(box)[0]?.at(-1)).toBe("1");
  expect(cells(box)[1]?.at(-1)).toBe("0");
});

test("rows are not counted before the file was read once, units are", async () => {
  const job = withUnits({ in_flight: 1 });
  const begins = { ...job, stages: job.stages.map((stage) => ({ ...stage, done: 0, total: 0 })) };
  expect(cells(await render(<StageTable job={begins} />))[0]?.slice(1)).toEqual(["–", "0", "0", "1"]);
});

test("a job that was never at work has no stages to tell of", async () => {
  const stages = record(1, { status: "pending" }).stages.map((stage) => ({ ...stage, total: 0 }));
  const box = await render(<StageTable job={record(1, { status: "pending", stages })} />);
  expect(box.textContent).toBe("");
});
