/* JobProgress - one job, from "Job queued" to its results or its error. */
import { type ReactNode, useEffect, useId, useRef } from "react";
import type { Job } from "../client/api";
import { Actions } from "./Actions";
import { Bar } from "./Bar";
import { Result } from "./Result";
import { Stages } from "./Stages";
import { LABELS, type Labels } from "./labels";
import { warningsOf } from "./record";
import { useAnnouncement } from "./useAnnouncement";
import { type JobStatus, useJobStatus } from "./useJobStatus";
import type { JobFailure, WatchOptions } from "./watch";

export interface JobCardProps {
  title?: string;
  /** Once, when the job is complete. */
  onComplete?: (result: Job["result"]) => void;
  /** Once, when the job has failed or can't be followed any more. */
  onError?: (error: JobFailure) => void;
  /** What is said, where it differs from English. */
  labels?: Partial<Labels>;
  /** Shown under the results of a complete job: a link to them, say. */
  children?: ReactNode;
}

export interface JobProgressProps extends JobCardProps, WatchOptions {
  jobId: string;
}

/** Nobody can be asked, and nothing was heard: not even that it is queued is known. */
function isUnknown(job: JobStatus): boolean {
  return !job.job && (job.connection === "offline" || job.connection === "stalled");
}

/** How it stands, in a word or two. */
function standing(job: JobStatus, labels: Labels): string {
  if (isUnknown(job)) return "";
  if (job.error && job.status !== "failed" && job.status !== "cancelled")
    return job.error.code === "expired" ? labels.expired : labels.refused;
  if (job.cancelling) return labels.cancelling;
  if (job.status === "running") return labels.percent(job.progress);
  return warningsOf(job.result).length > 0 ? labels.warned : labels.status(job.status);
}

/** What is worth saying aloud: the start, each phase, the half, the end; errors say themselves. */
function aloud(job: JobStatus, labels: Labels): string {
  if (job.error || !job.job) return "";
  if (job.connection === "stalled" || job.connection === "offline") return labels.connection(job.connection);
  if (job.status !== "running" || !job.stage) return standing(job, labels);
  return labels.stage(job.stage) + (job.progress >= 50 ? `, ${labels.percent(50)}` : "");
}

function useEndings(job: JobStatus, { onComplete, onError }: JobCardProps) {
  const told = useRef<unknown>(null);
  useEffect(() => {
    const ending = job.error ?? (job.status === "complete" ? job.job : null);
    if (!ending || told.current === ending) return;
    told.current = ending;
    if (job.error) onError?.(job.error);
    else onComplete?.(job.result);
  }, [job, onComplete, onError]);
}

function Failure({ error, labels }: { error: JobFailure; labels: Labels }) {
  return (
    <div role="alert" className="dbk-error">
      <p>
        {error.row !== null && <b>{labels.line(error.row)}: </b>}
        {error.message}
      </p>
      {error.hint && <p className="dbk-hint">{error.hint}</p>}
    </div>
  );
}

function Message({ job, labels }: { job: JobStatus; labels: Labels }) {
  const queued = job.status === "pending";
  return (
    <p className="dbk-message">
      {!isUnknown(job) && <span>{queued ? labels.status("pending") : job.message}</span>}
      {job.job && job.job.attempt > 1 && (
        <span className="dbk-hint">{labels.attempt(job.job.attempt)}</span>
      )}
      {job.job?.waiting && <span className="dbk-hint">{labels.waiting(job.job.waiting)}</span>}
      <span className="dbk-connection">{labels.connection(job.connection)}</span>
      <span className="dbk-eta">
        {[job.eta !== null && labels.left(job.eta), job.late && labels.late]
          .filter(Boolean)
          .join(", ")}
      </span>
    </p>
  );
}

/** A job that is followed already. */
export function JobCard({ job, ...props }: JobCardProps & { job: JobStatus }) {
  const { title, children } = props;
  const labels: Labels = { ...LABELS, ...props.labels };
  const heading = useId();
  const said = useAnnouncement(aloud(job, labels));
  useEndings(job, props);
  const name = title ?? job.job?.meta?.file_name ?? job.job?.type ?? labels.job;
  const active = !job.error && (job.status === "pending" || job.status === "running");

  return (
    <section
      className="dbk-job"
      data-status={job.error && job.status !== "cancelled" ? "failed" : job.status}
      aria-labelledby={heading}
      tabIndex={-1}
    >
      <div className="dbk-head">
        <div className="dbk-title" id={heading}>
          {name}
        </div>
        <div className="dbk-status">{standing(job, labels)}</div>
      </div>
      {job.status !== "complete" && <Bar job={job} label={name} labels={labels} />}
      {active && <Message job={job} labels={labels} />}
      {job.error && <Failure error={job.error} labels={labels} />}
      {job.stages.length > 0 && job.status !== "complete" && (
        <Stages stages={job.stages} labels={labels} />
      )}
      {job.result && <Result result={job.result} labels={labels} />}
      {job.status === "complete" && children}
      <Actions job={job} labels={labels} />
      <p role="status" className="dbk-aloud">
        {said}
      </p>
    </section>
  );
}

export function JobProgress({ jobId, baseUrl, apiKey, fetch, mode, ...props }: JobProgressProps) {
  const job = useJobStatus(jobId, { baseUrl, apiKey, fetch, mode });
  return <JobCard key={jobId} {...props} job={job} />;
}
