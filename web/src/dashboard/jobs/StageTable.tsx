/* StageTable - what each stage of a job has done, in rows. */
import type { Job } from "../../client/api";
import { LABELS } from "../../job/labels";
import { count } from "../shell/format";
import { Scroll } from "../shell/Scroll";

export function StageTable({ job }: { job: Job }) {
  const known = job.stages.filter((stage) => stage.total > 0);
  if (known.length === 0) return null;
  return (
    <section>
      <h2>Stages</h2>
      <Scroll label="Stages of this job">
        <table className="narrow">
          <thead>
            <tr>
              <th>Stage</th>
              <th className="number">Rows</th>
              <th className="number">Of</th>
              <th className="number">Share of the progress</th>
            </tr>
          </thead>
          <tbody>
            {known.map((stage) => (
              <tr key={stage.name}>
                <th scope="row">
                  {LABELS.stage(stage.name)} <span className="muted">{stage.name}</span>
                </th>
                <td className="number">{count(stage.done)}</td>
                <td className="number">{count(stage.total)}</td>
                <td className="number">{stage.share} %</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
