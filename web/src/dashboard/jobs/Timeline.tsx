/* Timeline - when a job was what. */
import type { Job } from "../../client/api";
import { duration, time } from "../shell/format";

function since(from: string | null, to: string | null): string {
  return from && to ? `after ${duration(Date.parse(to) - Date.parse(from))}` : "";
}

export function Timeline({ job }: { job: Job }) {
  const points = [
    { what: "Accepted", at: job.created_at, note: "" },
    { what: "Started", at: job.started_at, note: since(job.created_at, job.started_at) },
    { what: `Ended: ${job.status}`, at: job.finished_at, note: since(job.started_at, job.finished_at) },
    { what: "Record kept until", at: job.expires_at, note: "the books stay" },
  ].filter((point) => point.at);
  return (
    <section>
      <h2>Timeline</h2>
      <ol className="timeline">
        {points.map((point) => (
          <li key={point.what}>
            <span>{point.what}</span>
            <time dateTime={point.at ?? ""}>{time(point.at ?? "")}</time>
            {point.note && <span className="muted">{point.note}</span>}
          </li>
        ))}
      </ol>
      {job.attempt > 1 && <p className="muted">This is attempt {job.attempt}.</p>}
    </section>
  );
}
