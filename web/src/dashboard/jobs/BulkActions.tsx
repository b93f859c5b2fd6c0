/* BulkActions - cancel, and another try, for the jobs that are chosen in the list. */
import { useRef, useState } from "react";
import type { Job } from "../../client/api";
import { Confirm } from "../shell/Dialog";
import { count } from "../shell/format";
import { useScope } from "../shell/scope";
import { useToast } from "../shell/toasts";
import { useKeptFocus } from "../shell/useKeptFocus";
import { type Done, type Verb, doAll, may } from "./bulk";

const jobs = (n: number) => `${count(n)} ${n === 1 ? "job" : "jobs"}`;

function told(verb: Verb, { done, refused }: Done): string {
  const did = verb === "cancel" ? `${jobs(done.length)} told to stop` : `${jobs(done.length)} tried again`;
  const [first] = refused;
  return first ? `${did}; ${count(refused.length)} refused: ${first.error.message}` : did;
}

interface Props {
  chosen: readonly Job[];
  /** These need not be chosen any more. */
  onDone: (jobs: readonly Job[]) => void;
}

export function BulkActions({ chosen, onDone }: Props) {
  const { client } = useScope();
  const say = useToast();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const act = useKeptFocus(() => box.current);
  const open = chosen.filter((job) => may("cancel", job));
  const stopped = chosen.filter((job) => may("retry", job));
  const leave = (which: readonly Job[]) => {
    act();
    onDone(which);
  };
  const run = async (verb: Verb, which: readonly Job[]) => {
    setBusy(true);
    const result = await doAll(client, verb, which);
    setBusy(false);
    say(told(verb, result), { bad: result.refused.length > 0 });
    leave(result.done);
  };
  return (
    <div
      ref={box}
      tabIndex={-1}
      className="row bulk"
      data-none={chosen.length === 0 || undefined}
      role="group"
      aria-label="With the chosen jobs"
    >
      <span role="status">{chosen.length > 0 && `${jobs(chosen.length)} chosen`}</span>
      {open.length > 0 && (
        <button type="button" disabled={busy} onClick={() => setAsking(true)}>
          Cancel {count(open.length)}…
        </button>
      )}
      {stopped.length > 0 && (
        <button type="button" disabled={busy} onClick={() => void run("retry", stopped)}>
          Try {count(stopped.length)} again
        </button>
      )}
      {chosen.length > 0 && (
        <button type="button" className="quiet" onClick={() => leave(chosen)}>
          Choose none
        </button>
      )}
      {asking && (
        <Confirm
          title={`Cancel ${jobs(open.length)}?`}
          action="Cancel them"
          keep="Let them go on"
          onConfirm={() => void run("cancel", open)}
          onClose={() => setAsking(false)}
        >
          <p>Rows that are stored stay booked. Each can be tried again, and goes on from there.</p>
        </Confirm>
      )}
    </div>
  );
}
