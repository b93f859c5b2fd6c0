/* record - what a job's record says beyond its fields. */
import type { Job, Status } from "../client/api";

export function isEnded(status: Status): boolean {
  return status === "complete" || status === "failed" || status === "cancelled";
}

/** Change numbers are "epoch-counter"; negative: `a` is older than `b`. */
export function compareChanges(a: string, b: string): number {
  const [epochA = 0, countA = 0] = a.split("-").map(Number);
  const [epochB = 0, countB = 0] = b.split("-").map(Number);
  return epochA - epochB || countA - countB;
}

/** How much of the work is done, 0 to 1: finer than the record's whole per cents. */
export function fractionDone(job: Job): number {
  let shares = 0;
  let done = 0;
  for (const stage of job.stages) {
    shares += stage.share;
    if (stage.total > 0) done += (stage.share * Math.min(stage.done, stage.total)) / stage.total;
  }
  return shares > 0 ? done / shares : job.progress / 100;
}

/** Does the record tell how much there is to do? */
export function isMeasured(job: Job): boolean {
  return isEnded(job.status) || job.stages.some((stage) => stage.total > 0);
}

/** What a person should look at, though the job is complete. */
export function warningsOf(result: Job["result"]): string[] {
  const warnings: unknown = result && "warnings" in result ? result.warnings : [];
  return Array.isArray(warnings) ? warnings.map(String) : [];
}
