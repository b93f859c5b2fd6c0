/* JobPage - one job: how far it is, what came of it, and what can be done. */
import { useEffect } from "react";
import { JobCard } from "../../job/JobProgress";
import type { Job } from "../../client/api";
import { useJobStatus } from "../../job/useJobStatus";
import { bytes, count } from "../shell/format";
import { Link } from "../shell/router";
import { HOME } from "../shell/routes";
import { useScope } from "../shell/scope";
import { JobActions } from "./JobActions";
import { LineChart } from "./LineChart";
import { Notes } from "./Notes";
import { StageTable } from "./StageTable";
import { Timeline } from "./Timeline";
import { booksOf } from "./booksOf";
import { useHistory } from "./useHistory";
import "./jobs.css";

function ProgressChart({ job }: { job: Job }) {
  const done = job.stages.map(
    (stage) => [stage.name, stage.total > 0 ? (100 * stage.done) / stage.total : 0] as const,
  );
  const lines = useHistory(job.change, Object.fromEntries(done));
  if ((lines[0]?.values.length ?? 0) < 3) return null;
  return (
    <LineChart
      title="Progress of each stage, since this page was opened"
      lines={lines}
      max={100}
      text={(value) => `${Math.round(value)} %`}
    />
  );
}

function Results({ job }: { job: Job }) {
  const review = (job.result as { needs_review?: number } | null)?.needs_review ?? 0;
  const books = booksOf(job);
  const upload = job.type === "upload-and-categorize";
  return (
    <p className="row">
      <Link
        to="/dashboard/transactions"
        query={{ ...books, ...(upload ? { job: job.id } : {}) }}
        className="button primary"
      >
        View results
      </Link>
      {review > 0 && (
        <Link to="/dashboard/review" query={books}>
          Review {count(review)}
        </Link>
      )}
    </p>
  );
}

export default function JobPage({ id = "" }: { id?: string }) {
  const { apiKey } = useScope();
  const status = useJobStatus(id, { apiKey: apiKey || undefined });
  const { job } = status;
  const name = job?.meta?.file_name ?? job?.type ?? "Job";
  useEffect(() => {
    document.title = `${name} · daybook`;
  }, [name]);
  return (
    <>
      <p className="crumb">
        <Link to={HOME}>Background jobs</Link>
      </p>
      <h1>{name}</h1>
      <p className="muted">
        {job && `${job.tenant_id} / ${job.company_id} · ${job.type} · `}
        {job?.meta?.bytes ? `${bytes(job.meta.bytes)} · ` : ""}
        <span className="mono">{id}</span>
      </p>
      <JobCard key={id} job={status} title="Progress">
        {job && <Results job={job} />}
      </JobCard>
      {!job && status.error && (
        <p>
          <Link to="/dashboard/imports">Imports</Link> lists what was ever booked from a file.
        </p>
      )}
      {job && (
        <>
          <JobActions job={job} onRetry={(skip) => status.retry({ skip })} />
          <Notes result={job.result} />
          <ProgressChart job={job} />
          <StageTable job={job} />
          <Timeline job={job} />
        </>
      )}
    </>
  );
}
