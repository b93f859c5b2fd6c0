/* JobActions - what can be done with a job's rows: look at them, fetch what was refused, take it back. */
import { useEffect, useState } from "react";
import type { Job } from "../../client/api";
import { isEnded } from "../../job/record";
import { Confirm } from "../shell/Dialog";
import { Failure } from "../shell/States";
import { Link } from "../shell/router";
import { useScope } from "../shell/scope";
import { useToast } from "../shell/toasts";
import { undoneText } from "../shell/undone";
import { asApiError } from "../shell/useApi";
import type { ApiError } from "../../client/api";
import { booksOf } from "./booksOf";
import { Duplicates } from "./Duplicates";
import { download } from "./download";

function countOf(job: Job, name: string): number {
  const value = (job.result as Record<string, unknown> | null)?.[name];
  return typeof value === "number" ? value : 0;
}

export function JobActions({ job, onRetry }: { job: Job; onRetry: (skip: boolean) => Promise<void> }) {
  const { client } = useScope();
  const say = useToast();
  const [open, setOpen] = useState<"undo" | "duplicates" | null>(null);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const at = { path: { id: job.id } };
  const fail = (error: unknown) => setRefused(asApiError(error));
  /* What was refused was refused of the job as it was. */
  useEffect(() => setRefused(null), [job.change]);
  const rejected = countOf(job, "rejected");
  const duplicates = countOf(job, "duplicates");
  const inserted = countOf(job, "inserted");

  const undo = () =>
    client
      .post("/api/jobs/{id}/undo", { tenant_id: job.tenant_id, company_id: job.company_id }, at)
      .then((told) => say(undoneText(told)))
      .catch(fail);
  if (!isEnded(job.status)) return null;
  return (
    <>
      <div className="row">
        {rejected > 0 && (
          <button
            type="button"
            onClick={() => void download(client, "/api/jobs/{id}/rejects", "rejects.csv", at).catch(fail)}
          >
            Download {rejected} rejected
          </button>
        )}
        {duplicates > 0 && (
          <button type="button" onClick={() => setOpen("duplicates")}>
            {duplicates} already there…
          </button>
        )}
        {job.status === "failed" && job.error?.code === "worker-lost" && (
          <button type="button" onClick={() => void onRetry(true).catch(fail)}>
            Try again without the lines that broke it
          </button>
        )}
        {inserted > 0 && (
          <button type="button" onClick={() => setOpen("undo")}>
            Undo this import…
          </button>
        )}
        {job.type === "upload-and-categorize" && inserted > 0 && (
          <Link to="/dashboard/entries" query={{ ...booksOf(job), job: job.id }}>
            Journal entries
          </Link>
        )}
      </div>
      {refused && <Failure error={refused} />}
      {open === "undo" && (
        <Confirm
          title="Take this import back?"
          action="Undo the import"
          onConfirm={() => void undo()}
          onClose={() => setOpen(null)}
        >
          <p>
            Its {inserted} transactions leave the books, but for those that another file has too. The
            trail of what was booked stays.
          </p>
        </Confirm>
      )}
      {open === "duplicates" && <Duplicates id={job.id} onClose={() => setOpen(null)} />}
    </>
  );
}
