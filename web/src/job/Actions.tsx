/* Actions - cancel, which asks first once rows are stored, and retry. The keyboard's focus stays. */
import { useEffect, useRef, useState } from "react";
import type { ApiError } from "../client/api";
import type { Labels } from "./labels";
import type { JobStatus } from "./useJobStatus";
import { isEnded } from "./record";

function hasStored(job: JobStatus): boolean {
  return job.stages.some((stage) => stage.name === "insert" && stage.done > 0);
}

export function Actions({ job, labels }: { job: JobStatus; labels: Labels }) {
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState("");
  const main = useRef<HTMLButtonElement>(null);
  const asked = useRef(false);
  useEffect(() => {
    if (asking || asked.current) main.current?.focus();
    asked.current = asking;
  }, [asking]);
  const run = (act: () => Promise<void>) => {
    setAsking(false);
    setRefusal("");
    act().catch((error: ApiError) => setRefusal(error.message));
  };
  const ended = isEnded(job.status);
  const canRetry = job.status === "failed" || job.status === "cancelled";

  if (job.connection === "closed" && !canRetry) return null;
  return (
    <div className="dbk-actions">
      {refusal && (
        <p role="alert" className="dbk-error">
          {refusal}
        </p>
      )}
      {asking && !ended ? (
        <>
          <span>{labels.confirm}</span>
          <button ref={main} type="button" onClick={() => run(job.cancel)}>
            {labels.stop}
          </button>
          <button type="button" onClick={() => setAsking(false)}>
            {labels.goOn}
          </button>
        </>
      ) : canRetry ? (
        <button ref={main} type="button" onClick={() => run(() => job.retry())}>
          {labels.retry}
        </button>
      ) : (
        <button
          ref={main}
          type="button"
          aria-disabled={job.cancelling}
          onClick={() => {
            if (job.cancelling) return;
            if (hasStored(job)) setAsking(true);
            else run(job.cancel);
          }}
        >
          {job.cancelling ? labels.cancelling : labels.cancel}
        </button>
      )}
    </div>
  );
}
