/* StageTable - what each stage of a job has done, and where the job's units are. */
import type { Job } from "../../client/api";
import { LABELS } from "../../job/labels";
import { count } from "../shell/format";
import { Scroll } from "../shell/Scroll";

export function StageTable({ job }: { job: Job }) {
  const begun = job.stages.some(({ total, units }) => total + units.queued + units.in_flight > 0);
  if (!begun) return null;
  const failures = job.stages.some(({ units }) => units.failures > 0);
  return (
    <section>
      <h2>Stages</h2>
      <p className="muted">A job passes the stages in units of up to 500 rows.</p>
      <Scroll label="Stages of this job">
        <table className="narrow">
          <thead>
            <tr>
              <th>Stage</th>
              <th className="number">Rows</th>
              <th className="number">Units done</th>
              <th className="number">Waiting</th>
              <th className="number">At work</th>
              {failures && <th className="number">Failed tries</th>}
            </tr>
          </thead>
          <tbody>
            {job.stages.map(({ name, done, total, units }) => (
              <tr key={name}>
                <th scope="row">
                  {LABELS.stage(name)} <span className="muted">{name}</span>
                </th>
                <td className="number">{total > 0 ? LABELS.count(done, total) : "–"}</td>
                <td className="number">{count(units.done)}</td>
                <td className="number">{count(units.queued)}</td>
                <td className="number">{count(units.in_flight)}</td>
                {failures && <td className="number">{count(units.failures)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
