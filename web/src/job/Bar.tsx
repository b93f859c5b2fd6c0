/* Bar - the progress bar; without a length while it is not known how much there is to do. */
import { useRef } from "react";
import { isMeasured } from "./record";
import type { Labels } from "./labels";
import type { JobStatus } from "./useJobStatus";

export function Bar({ job, label, labels }: { job: JobStatus; label: string; labels: Labels }) {
  /* Once measured it stays so: a bar that goes back to "unknown" tells nothing. */
  const measured = useRef(false);
  measured.current ||= job.job !== null && isMeasured(job.job);
  const known = measured.current;
  const queued = job.status === "pending" ? { inlineSize: 0 } : undefined;
  const words = [labels.stage(job.stage ?? ""), labels.percent(job.progress)];
  if (job.eta !== null) words.push(labels.left(job.eta));
  return (
    <div
      className="dbk-bar"
      role="progressbar"
      aria-label={label}
      aria-busy={job.connection !== "closed"}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={known ? job.progress : undefined}
      aria-valuetext={known ? words.filter(Boolean).join(", ") : labels.status(job.status)}
      data-indeterminate={(job.status === "running" && !known) || undefined}
    >
      <div className="dbk-fill" style={known ? { inlineSize: `${job.progress}%` } : queued} />
    </div>
  );
}
