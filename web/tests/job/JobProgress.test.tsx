import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Job, Status } from "../../src/client/api";
import { JobProgress, type JobProgressProps } from "../../src/job/JobProgress";
import { Page } from "./render";
import { Scripted, jobAt, show } from "./scripted";

let server: Scripted;
let page: Page;
let changes: number;

const open = async (props: Partial<JobProgressProps> = {}) => {
  await page.show(<JobProgress jobId="job_1" title="May" fetch={server.fetch} {...props} />);
  await page.pass(20);
};
const tell = async (job: Partial<Job> & { progress: number; status?: Status }) => {
  const record = { ...jobAt(job.progress, "", job.status), ...job, change: `1-${++changes}` };
  server.tell(record);
  await page.pass(20);
};
const text = () => page.box.textContent ?? "";
const bar = () => page.find("[role=progressbar]");
const spoken = () => page.find("[role=status]").textContent;
const ERROR = { code: "dates-ambiguous", message: "Days or months first?", stage: "parse", row: 7, hint: "Say it." };

beforeEach(() => {
  vi.useFakeTimers();
  show("visible");
  server = new Scripted();
  page = new Page();
  changes = 1;
});
afterEach(async () => {
  await page.close();
  vi.useRealTimers();
});

describe("JobProgress", () => {
  it("is queued first, and says why it waits", async () => {
    server.job = { ...jobAt(0, "1-1", "pending"), waiting: "3rd in line: another file of acme runs" };
    await open();
    expect(text()).toContain("Job queued");
    expect(text()).toContain("3rd in line: another file of acme runs");
    expect(bar().getAttribute("aria-valuenow")).toBe("0");
  });

  it("shows bar, message, per cent and phases while it runs", async () => {
    await open();
    await tell({ progress: 45 });
    expect(text()).toContain("Processing transaction 450/1000...");
    expect(text()).toContain("45 %");
    expect(page.box.querySelectorAll(".dbk-stages li")).toHaveLength(6);
    expect(text()).toContain(`${(450).toLocaleString()} of ${(1000).toLocaleString()}`);
    expect(page.find<HTMLElement>(".dbk-fill").style.inlineSize).toBe("45%");
  });

  it("shows the results, the children, and calls onComplete once", async () => {
    const onComplete = vi.fn();
    await open({ onComplete, children: <a href="/books">View results</a> });
    expect(text()).not.toContain("View results");
    const result = { journal_entries_created: 1200, high_confidence: 1100, needs_review: 100 } as Job["result"];
    await tell({ progress: 100, status: "complete", result });
    await page.pass(10_000);
    expect(text()).toContain(`Entries booked${(1200).toLocaleString()}`);
    expect(text()).toContain("View results");
    expect(onComplete).toHaveBeenCalledExactlyOnceWith(result);
    expect(page.box.querySelector("[role=progressbar]")).toBeNull();
  });

  it("calls onComplete for a job without a result too", async () => {
    const onComplete = vi.fn();
    await open({ onComplete });
    await tell({ progress: 100, status: "complete" });
    expect(onComplete).toHaveBeenCalledExactlyOnceWith(null);
  });

  it("shows the error with its line and hint, once as an alert, and calls onError once", async () => {
    const onError = vi.fn();
    await open({ onError });
    await tell({ progress: 10, status: "failed", error: ERROR });
    await page.pass(10_000);
    expect(page.find("[role=alert]").textContent).toBe("Line 7: Days or months first?Say it.");
    expect(onError).toHaveBeenCalledExactlyOnceWith(ERROR);
    expect(spoken()).toBe("");
  });

  it("shows a cancelled job as cancelled, with what was booked", async () => {
    await open();
    await tell({ progress: 45, status: "cancelled", result: { inserted: 450 } as unknown as Job["result"] });
    expect(page.find(".dbk-job").dataset["status"]).toBe("cancelled");
    expect(text()).toContain("Cancelled");
    expect(text()).toContain("Stored450");
  });

  it("says that a job can't be heard of any more instead of that it failed", async () => {
    server.refusal = { status: 404, code: "job-unknown" };
    const onError = vi.fn();
    await open({ onError });
    expect(page.find(".dbk-status").textContent).toBe("Not available");
    expect(onError).toHaveBeenCalledTimes(1);
    expect(page.box.querySelectorAll("button")).toHaveLength(0);
  });

  it("says so while the line is lost, and keeps what it knew", async () => {
    await open();
    await tell({ progress: 45 });
    server.refusal = "gone";
    server.drop();
    await page.pass(100);
    expect(text()).toContain("Reconnecting…");
    expect(bar().getAttribute("aria-valuenow")).toBe("45");
  });

  it("shows what comes from outside as text", async () => {
    await open({ title: "<img src=x onerror=alert(1)>" });
    await tell({ progress: 45, message: "<script>alert(1)</script>" });
    expect(text()).toContain("<script>alert(1)</script>");
    expect(page.box.querySelector("img, script")).toBeNull();
  });
});

describe("the bar", () => {
  it("has no value while the total is unknown, and never loses it again", async () => {
    await open();
    const stages = jobAt(0, "").stages.map((stage) => ({ ...stage, total: 0 }));
    await tell({ progress: 1, stages });
    expect(bar().hasAttribute("aria-valuenow")).toBe(false);
    await tell({ progress: 20 });
    expect(bar().getAttribute("aria-valuenow")).toBe("20");
    await tell({ progress: 20, stages });
    expect(bar().getAttribute("aria-valuenow")).toBe("20");
  });

  it("says phase, per cent and what is left in words", async () => {
    await open();
    for (let i = 1; i <= 20; i++) {
      await page.pass(500);
      await tell({ progress: i });
    }
    expect(bar().getAttribute("aria-valuetext")).toBe("Apply rules, 20 %, about 40 seconds left");
    expect(bar().getAttribute("aria-label")).toBe("May");
    expect(bar().getAttribute("aria-valuemin")).toBe("0");
    expect(bar().getAttribute("aria-valuemax")).toBe("100");
  });
});

describe("announcements", () => {
  it("come at most every 5 s, the newest of what was held back, and the end at once", async () => {
    const said: [number, string][] = [];
    await open();
    const begunMs = performance.now();
    const watcher = new MutationObserver(() => {
      said.push([performance.now() - begunMs, spoken() ?? ""]);
    });
    watcher.observe(page.find("[role=status]"), { childList: true, characterData: true, subtree: true });
    for (const stage of ["parse", "validate", "insert", "rules", "llm", "journal"]) {
      await tell({ progress: 10, stage });
      await page.pass(700);
    }
    await page.pass(20_000);
    await tell({ progress: 55, stage: "journal" });
    await tell({ progress: 100, status: "complete" });
    watcher.disconnect();
    expect(said.map(([, words]) => words)).toEqual(["Book", "Book, 50 %", "Complete"]);
    expect(said[0]?.[0]).toBeGreaterThanOrEqual(4900);
    expect(said[1]![0] - said[0]![0]).toBeGreaterThanOrEqual(5000);
  });

  it("are polite, and in no region that is busy", async () => {
    await open();
    await tell({ progress: 45 });
    expect(page.find("[role=status]").closest("[aria-busy=true]")).toBeNull();
    expect(page.find("[aria-busy=true]").contains(page.find(".dbk-stages"))).toBe(true);
  });
});

describe("cancel and retry", () => {
  it("cancel at once while nothing is stored", async () => {
    await open();
    await page.press("Cancel");
    expect(page.button("Cancelling…").getAttribute("aria-disabled")).toBe("true");
    expect(server.calls.at(-1)).toMatchObject({ method: "POST", path: "/api/jobs/job_1/cancel" });
  });

  it("ask first once rows are stored, with the focus on the answer", async () => {
    await open();
    await tell({ progress: 45 });
    await page.press("Cancel");
    expect(document.activeElement).toBe(page.button("Stop"));
    expect(server.calls).toHaveLength(1);
    await page.press("Go on");
    await page.press("Cancel");
    await page.press("Stop");
    expect(server.calls.at(-1)?.path).toBe("/api/jobs/job_1/cancel");
  });

  it("keep the focus where the keyboard was", async () => {
    await open();
    await tell({ progress: 45 });
    page.button("Cancel").focus();
    await page.press("Cancel");
    await page.press("Go on");
    expect(document.activeElement).toBe(page.button("Cancel"));
    await page.press("Cancel");
    await page.press("Stop");
    expect(document.activeElement).toBe(page.button("Cancelling…"));
    await tell({ progress: 45, status: "cancelled" });
    expect(document.activeElement).toBe(page.button("Try again"));
  });

  it("say why they were refused", async () => {
    await open();
    server.refusal = { status: 409, code: "job-ended" };
    await page.press("Cancel");
    expect(page.find("[role=alert]").textContent).toBe("refused: job-ended");
    page.button("Cancel");
  });

  it("go on after a retry, and tell its end again", async () => {
    const onError = vi.fn();
    const onComplete = vi.fn();
    await open({ onError, onComplete });
    await tell({ progress: 10, status: "failed", error: ERROR });
    server.job = jobAt(10, "1-50", "pending");
    await page.press("Try again");
    await page.pass(100);
    expect(page.box.querySelector("[role=alert]")).toBeNull();
    changes = 60;
    await tell({ progress: 100, status: "complete" });
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onComplete).toHaveBeenCalledTimes(1);
  });
});

describe("labels", () => {
  it("are the application's where it has them", async () => {
    await open({ labels: { cancel: "Abbrechen", status: () => "In der Schlange" } });
    page.button("Abbrechen");
    expect(text()).toContain("In der Schlange");
  });
});
