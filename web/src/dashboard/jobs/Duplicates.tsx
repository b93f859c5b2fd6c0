/* Duplicates - rows that were there already; those that are wrongly so can be kept. */
import { useState } from "react";
import { Dialog } from "../shell/Dialog";
import { Scroll } from "../shell/Scroll";
import { Failure, Loading } from "../shell/States";
import { useScope } from "../shell/scope";
import { useToast } from "../shell/toasts";
import { asApiError, useApi } from "../shell/useApi";
import { parseCsv } from "./csv";

const SHOWN_MAX = 500;

export function Duplicates({ id, onClose }: { id: string; onClose: () => void }) {
  const { client } = useScope();
  const say = useToast();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const at = { path: { id } };
  const { data, error, reload } = useApi(`duplicates ${id}`, async (api, signal) => {
    const answer = await api.send("GET", "/api/jobs/{id}/duplicates", {}, { ...at, signal });
    return parseCsv(await answer.text());
  });
  const keep = () =>
    client
      .post("/api/jobs/{id}/duplicates", { lines: [...chosen].map(Number) }, at)
      .then(() => {
        say(`Kept ${chosen.size}`);
        onClose();
      })
      .catch((fault: unknown) => say(asApiError(fault).message, { bad: true }));
  const toggle = (line: string) => {
    const next = new Set(chosen);
    if (!next.delete(line)) next.add(line);
    setChosen(next);
  };
  return (
    <Dialog title="Rows that were there already" onClose={onClose}>
      {error && <Failure error={error} retry={reload} />}
      {!data && !error && <Loading what="rows" />}
      {data && (
        <>
          <p className="muted">
            Each met an equal row of an earlier file. Choose those that really happened twice.
            {data.length > SHOWN_MAX && ` The first ${SHOWN_MAX} are shown.`}
          </p>
          <Scroll label="Rows that were there already" tall>
            <table>
              <tbody>
                {data.slice(0, SHOWN_MAX).map((row) => (
                  <tr key={row["line"]}>
                    <td className="nowrap">
                      <label className="tick">
                        <input
                          type="checkbox"
                          checked={chosen.has(row["line"] ?? "")}
                          disabled={Boolean(row["kept"])}
                          onChange={() => toggle(row["line"] ?? "")}
                        />{" "}
                        <span className="muted">line {row["line"]}</span>
                      </label>
                    </td>
                    <td className="nowrap">{row["date"]}</td>
                    <td className="cut">{row["description"]}</td>
                    <td className="number">
                      {row["amount"]} {row["currency"]}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </>
      )}
      <p className="row end">
        <button type="button" onClick={onClose}>
          Close
        </button>
        <button type="button" className="primary" disabled={chosen.size === 0} onClick={() => void keep()}>
          Keep {chosen.size || ""}
        </button>
      </p>
    </Dialog>
  );
}
