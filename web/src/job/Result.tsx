/* Result - what a complete or cancelled job has done, in numbers. */
import type { Job } from "../client/api";
import type { Labels } from "./labels";
import { warningsOf } from "./record";

export function Result({ result, labels }: { result: Job["result"]; labels: Labels }) {
  const counts = new Map(Object.entries(result ?? {}));
  const shown = Object.entries(labels.results).flatMap(([name, label]) => {
    const count: unknown = counts.get(name);
    return typeof count === "number" ? [{ name, label, count }] : [];
  });
  const warnings = warningsOf(result);
  return (
    <>
      {shown.length > 0 && (
        <dl className="dbk-result">
          {shown.map(({ name, label, count }) => (
            <div key={name}>
              <dt>{label}</dt>
              <dd>{labels.number(count)}</dd>
            </div>
          ))}
        </dl>
      )}
      {warnings.length > 0 && (
        <ul className="dbk-warnings">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </>
  );
}
