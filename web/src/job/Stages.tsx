/* Stages - the phases of a job, each with a mark, its name and its counts. */
import type { Job } from "../client/api";
import type { Labels } from "./labels";

const MARKS: Record<string, string> = { complete: "✓", running: "▸", pending: "·" };

export function Stages({ stages, labels }: { stages: Job["stages"]; labels: Labels }) {
  return (
    <ol className="dbk-stages">
      {stages.map((stage) => (
        <li key={stage.name} data-state={stage.state}>
          <span className="dbk-mark" aria-hidden="true">
            {MARKS[stage.state] ?? "·"}
          </span>
          <span className="dbk-stage">{labels.stage(stage.name)}</span>
          <span className="dbk-count">
            {stage.total > 0 ? labels.count(stage.done, stage.total) : ""}
          </span>
        </li>
      ))}
    </ol>
  );
}
