/* Actions - cancel, which asks first once rows are stored, and retry. The keyboard's focus stays here
 * whatever becomes of the button that had it. */
import { useEffect, useId, useRef, useState } from "react";
import type { Labels } from "./labels";
import type { JobStatus } from "./useJobStatus";
import { isEnded } from "./record";

function hasStored(job: JobStatus): boolean {
  return job.stages.some((stage) => stage.name === "insert" && stage.done > 0);
}

export function Actions({ job, labels }: { job: JobStatus; labels: Labels }) {
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState("");
  const question = useId();
  const box = useRef<HTMLDivElement>(null);
  const stop = useRef<HTMLButtonElement>(null);
  const held = box.current?.contains(document.activeElement) ?? false;
  const ended = isEnded(job.status);
  const canRetry = ended && job.status !== "complete";
  const confirming = asking && !ended;
  const busy = canRetry ? job.retrying : job.cancelling;

  /* A refusal is of the job as it was, and silence of a line that was down. */
  const heard = job.connection === "live" || job.connection === "polling";
  useEffect(() => setRefusal(""), [job.status, job.job?.attempt, job.job?.ending]);
  useEffect(() => {
    if (heard) setRefusal("");
  }, [heard]);
  useEffect(() => {
    if (confirming) stop.current?.focus();
  }, [confirming]);
  useEffect(() => {
    if (!held || box.current?.contains(document.activeElement)) return;
    (box.current?.querySelector("button") ?? box.current?.closest("section"))?.focus();
  });

  const run = (act: () => Promise<void>) => {
    setAsking(false);
    setRefusal("");
    act().catch((error: Error) => setRefusal(error.message));
  };
  const press = () => {
    if (busy) return;
    if (confirming) setAsking(false);
    else if (canRetry) run(() => job.retry());
    else if (hasStored(job)) setAsking(true);
    else run(job.cancel);
  };
  const word = () => {
    if (confirming) return labels.goOn;
    if (canRetry) return busy ? labels.retrying : labels.retry;
    return busy ? labels.cancelling : labels.cancel;
  };

  return (
    <div
      ref={box}
      className="dbk-actions"
      onKeyDown={(event) => event.key === "Escape" && setAsking(false)}
    >
      {refusal && (
        <p role="alert" className="dbk-error">
          {refusal}
        </p>
      )}
      {confirming && (
        <>
          <span id={question}>{labels.confirm}</span>
          <button ref={stop} type="button" aria-describedby={question} onClick={() => run(job.cancel)}>
            {labels.stop}
          </button>
        </>
      )}
      {(canRetry || (!ended && !job.error)) && (
        <button type="button" aria-disabled={busy} onClick={press}>
          {word()}
        </button>
      )}
    </div>
  );
}
