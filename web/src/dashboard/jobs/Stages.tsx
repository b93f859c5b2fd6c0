/* Stages - who does the work, what waits for them, and how fast it goes. */
import type { Schemas } from "../../client/api";
import { count, duration, time } from "../shell/format";
import { Scroll } from "../shell/Scroll";
import { Empty, Failure, Loading } from "../shell/States";
import { useApi } from "../shell/useApi";
import { LineChart } from "./LineChart";
import { useHistory } from "./useHistory";
import "./jobs.css";

const EVERY_MS = 1000;
type Stage = Schemas["Stage"];

function StageRow({ stage }: { stage: Stage }) {
  return (
    <tr>
      <th scope="row">
        {stage.name} <span className="muted">{stage.kind}</span>
      </th>
      <td className={stage.workers.length === 0 ? "number bad" : "number"}>{stage.workers.length}</td>
      <td className="number">{count(stage.queued)}</td>
      <td className="number">{count(stage.in_flight)}</td>
      <td className="number">{stage.oldest_ms > 0 ? duration(stage.oldest_ms) : "–"}</td>
      <td className="number">{count(stage.rows_per_s)}</td>
      <td className="number">{count(stage.rows_done)}</td>
      <td className={stage.failures > 0 ? "number bad" : "number"}>{count(stage.failures)}</td>
    </tr>
  );
}

function Workers({ stages }: { stages: Stage[] }) {
  return (
    <Scroll label="Workers">
      <table>
        <thead>
          <tr>
            <th>Stage</th>
            <th>Host</th>
            <th className="number">Process</th>
            <th className="number">Holds</th>
            <th className="number">Units done</th>
            <th className="number">Last heard</th>
          </tr>
        </thead>
        <tbody>
          {stages.flatMap((stage) =>
            stage.workers.map((worker) => (
              <tr key={`${stage.name} ${worker.host} ${worker.pid}`}>
                <td>{stage.name}</td>
                <td>{worker.host}</td>
                <td className="number">{worker.pid}</td>
                <td className="number">
                  {worker.in_flight} of {worker.credit}
                </td>
                <td className="number">{count(worker.units_done)}</td>
                <td className="number">{worker.last_seen ? time(worker.last_seen) : ""}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </Scroll>
  );
}

export default function Stages() {
  const { data, error, loading, reload } = useApi(
    "stages",
    (client, signal) => client.getOnce("/api/stages", { signal }),
    { everyMs: EVERY_MS },
  );
  const stages = data?.items ?? [];
  const lines = useHistory(data, Object.fromEntries(stages.map((s) => [s.name, s.rows_per_s])));
  const idle = stages.filter((stage) => stage.workers.length === 0);
  const max = Math.max(0, ...lines.flatMap((line) => line.values.map((point) => point.value)));
  return (
    <>
      <h1>Stages</h1>
      {error && <Failure error={error} retry={reload} />}
      {!data && !error && loading && <Loading what="stages" />}
      {idle.length > 0 && (
        <p className="warn">
          No worker: {idle.map((stage) => stage.name).join(", ")}. Jobs that need them wait until one
          is started.
        </p>
      )}
      {data && stages.length === 0 && <Empty title="No stages are configured" />}
      {stages.length > 0 && (
        <>
          <Scroll label="Stages">
            <table>
              <thead>
                <tr>
                  <th>Stage</th>
                  <th className="number">Workers</th>
                  <th className="number">Units waiting</th>
                  <th className="number">At work</th>
                  <th className="number">Oldest waits</th>
                  <th className="number">Rows/s</th>
                  <th className="number">Rows done</th>
                  <th className="number">Failures</th>
                </tr>
              </thead>
              <tbody>
                {stages.map((stage) => (
                  <StageRow key={stage.name} stage={stage} />
                ))}
              </tbody>
            </table>
          </Scroll>
          {max > 0 && (
            <LineChart
              title="Rows a second by stage, since this page was opened"
              lines={lines.filter((line) => line.values.some((point) => point.value > 0))}
              max={max}
              text={(value) => count(Math.round(value))}
            />
          )}
          <h2>Workers</h2>
          <Workers stages={stages} />
        </>
      )}
    </>
  );
}
