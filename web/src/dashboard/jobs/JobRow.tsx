/* JobRow - a job in the list. */
import { memo } from "react";
import type { Job } from "../../client/api";
import { count, duration, isolated, time } from "../shell/format";
import { Link } from "../shell/router";
import { HOME } from "../shell/routes";
import { StatusMark } from "./StatusMark";

function rowsOf(job: Job): number {
  return Math.max(0, ...job.stages.map((stage) => stage.total));
}

function lasted(job: Job): string {
  if (!job.started_at || !job.finished_at) return "";
  return duration(Date.parse(job.finished_at) - Date.parse(job.started_at));
}

/** What is going on, or what came of it. */
function said(job: Job): string {
  if (job.error) return job.error.message;
  if (job.status === "pending") return job.waiting ?? "Job queued";
  return job.waiting ? `${job.message} (${job.waiting})` : job.message;
}

interface Props {
  job: Job;
  companies: boolean;
  chosen: boolean;
  onChoose: (id: string) => void;
}

export const JobRow = memo(function JobRow({ job, companies, chosen, onChoose }: Props) {
  const name = job.meta?.file_name ?? job.type;
  return (
    <tr>
      <td className="choose">
        <input
          type="checkbox"
          checked={chosen}
          aria-label={`Choose ${isolated(name)}`}
          onChange={() => onChoose(job.id)}
        />
      </td>
      <td className="cut">
        <Link to={`${HOME}/${job.id}`}>
          <bdi>{name}</bdi>
        </Link>
        {name !== job.type && <div className="muted small wide">{job.type}</div>}
        <div className="muted small slim">{said(job)}</div>
      </td>
      {companies && (
        <td>
          {job.tenant_id} / {job.company_id}
        </td>
      )}
      <td>
        <StatusMark status={job.status} />
        {job.status === "running" && <div className="muted small slim">{job.progress} %</div>}
      </td>
      <td className="progress-cell wide">
        {job.status === "running" && (
          <progress max={100} value={job.progress} aria-label={`Progress of ${name}`} />
        )}
        <div className="muted small">{said(job)}</div>
      </td>
      <td className="number wide">{rowsOf(job) > 0 ? count(rowsOf(job)) : ""}</td>
      <td className="number">{time(job.created_at)}</td>
      <td className="number wide">{lasted(job)}</td>
    </tr>
  );
});
