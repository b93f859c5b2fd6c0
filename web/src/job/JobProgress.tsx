/* JobProgress - one job, from "Job queued" to its results or its error. */
import { type ReactNode, useEffect, useId, useRef } from "react";
import type { Job } from "../client/api";
import { Actions } from "./Actions";
import { Bar } from "./Bar";
import { Result } from "./Result";
import { Stages } from "./Stages";
import { LABELS, type Labels } from "./labels";
import { isEnded } from "./record";
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

/** What is worth saying aloud: the start, each phase, the half, the end. */
function aloud(job: JobStatus, labels: Labels): string {
  if (job.error) return "";
  if (job.status !== "running") return labels.status(job.status);
  const half = job.progress >= 50 ? `, ${labels.percent(50)}` : "";
  return job.stage ? labels.stage(job.stage) + half : labels.status(job.status);
}

function useEndings(job: JobStatus, props: JobCardProps) {
  const told = useRef(false);
  const { onComplete, onError } = props;
  useEffect(() => {
    const ending = job.error !== null || job.status === "complete";
    const before = told.current;
    told.current = ending;
    if (!ending || before) return;
    if (job.error) onError?.(job.error);
    else onComplete?.(job.result);
  }, [job.error, job.status, job.result, onComplete, onError]);
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
      <span>{queued ? labels.status("pending") : job.message}</span>
      {queued && job.job?.waiting && (
        <span className="dbk-hint">{labels.waiting(job.job.waiting)}</span>
      )}
      <span className="dbk-connection">{labels.connection(job.connection)}</span>
      {job.eta !== null && <span className="dbk-eta">{labels.left(job.eta)}</span>}
    </p>
  );
}

/** A job that is followed already. */
export function JobCard({ job, ...props }: JobCardProps & { job: JobStatus }) {
  const { title, children } = props;
  const labels: Labels = { ...LABELS, ...props.labels };
  const heading = useId();
  const said = useAnnouncement(aloud(job, labels), job.connection === "closed");
  useEndings(job, props);
  /* Not the job has failed, but to hear of it. */
  const lost = job.error !== null && !isEnded(job.status);
  const name = title ?? job.job?.meta?.file_name ?? job.job?.type ?? labels.job;

  return (
    <section
      className="dbk-job"
      data-status={job.error && job.status !== "cancelled" ? "failed" : job.status}
      aria-labelledby={heading}
    >
      <header>
        <h3 id={heading}>{name}</h3>
        <span className="dbk-status">
          {lost
            ? labels.lost
            : job.status === "running"
              ? labels.percent(job.progress)
              : labels.status(job.status)}
        </span>
      </header>
      {job.status !== "complete" && <Bar job={job} label={name} labels={labels} />}
      {!lost && !isEnded(job.status) && (
        <Message job={job} labels={labels} />
      )}
      {job.error && <Failure error={job.error} labels={labels} />}
      {job.stages.length > 0 && job.status !== "complete" && (
        <Stages stages={job.stages} busy={job.connection !== "closed"} labels={labels} />
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
