import { useState } from "react";
import type { ApiError, Schemas } from "../../client/api";
import { Confirm } from "../shell/Dialog";
import { Failure } from "../shell/States";
import { count, isolated, time } from "../shell/format";
import { Link } from "../shell/router";
import { useScope } from "../shell/scope";
import { useToast } from "../shell/toasts";
import { undoneText } from "../shell/undone";
import { asApiError } from "../shell/useApi";
import { AccountName } from "./AccountName";
import { whyNotUndone } from "./undoRefusal";

export type Import = Schemas["Import"];

const STATUS: Record<Import["status"], { text: string; tone: string }> = {
  running: { text: "Running", tone: "muted" },
  complete: { text: "Complete", tone: "good" },
  failed: { text: "Failed", tone: "bad" },
  cancelled: { text: "Cancelled", tone: "warn" },
  undone: { text: "Taken back", tone: "muted" },
};

function numberIn(result: Import["result"], name: string): number {
  const value: unknown = result ? Object.entries(result).find(([key]) => key === name)?.[1] : 0;
  return typeof value === "number" ? value : 0;
}

function textIn(result: Import["result"], name: string): string {
  const value: unknown = result ? Object.entries(result).find(([key]) => key === name)?.[1] : "";
  return typeof value === "string" ? value : "";
}

interface Props {
  item: Import;
  onUndone: () => void;
}

/** One import: what it brought, and taking it back, with the reason where that is refused. */
export function ImportCard({ item, onUndone }: Props) {
  const { client, tenant, company } = useScope();
  const say = useToast();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const status = STATUS[item.status];
  const name = item.file_name ?? "Statement without a name";
  const booked = numberIn(item.result, "inserted") + item.kept;
  const first = textIn(item.result, "first_date");
  const last = textIn(item.result, "last_date");
  const refusal = error && whyNotUndone(error);

  const undo = async () => {
    setBusy(true);
    setError(null);
    try {
      const done = await client.post(
        "/api/jobs/{id}/undo",
        { tenant_id: tenant, company_id: company },
        { path: { id: item.job_id } },
      );
      say(undoneText(done));
      onUndone();
    } catch (told) {
      setError(asApiError(told));
    }
    setBusy(false);
  };

  return (
    <li className="card">
      <div className="books-entry-head">
        <strong className="books-text">{name}</strong>
        <span className={`badge ${status.tone}`}>{status.text}</span>
      </div>
      <p className="books-fine">
        {item.bank_account && <AccountName name={item.bank_account} />}
        {item.currency && <> · {item.currency}</>}
        {first && <> · {first === last ? first : `${first} to ${last}`}</>}
        {item.begun_at && <> · imported {time(item.begun_at)}</>}
      </p>
      <p>
        {count(booked)} booked · {count(numberIn(item.result, "duplicates") - item.kept)} known before ·{" "}
        {count(numberIn(item.result, "rejected"))} refused
      </p>
      <p className="row">
        {item.status !== "undone" && (
          <Link to="/dashboard/transactions" query={{ job: item.job_id }}>
            Its transactions
          </Link>
        )}
        <Link to={`/dashboard/background-jobs/${item.job_id}`}>Its job</Link>
        <Link to="/dashboard/entries" query={{ job: item.job_id }}>Its entries</Link>
        {item.status !== "undone" && (
          <button
            type="button"
            disabled={busy}
            aria-label={`Take back ${name}`}
            onClick={() => setAsking(true)}
          >
            Take back
          </button>
        )}
      </p>
      {refusal && (
        <div className="state failure" role="alert">
          <p>
            <b>{refusal.why}</b>
          </p>
          <p className="muted">{refusal.instead}</p>
        </div>
      )}
      {error && !refusal && <Failure error={error} />}
      {asking && (
        <Confirm
          title={`Take ${isolated(name)} back?`}
          action="Take it back"
          onClose={() => setAsking(false)}
          onConfirm={() => void undo()}
        >
          <p>
            Its {count(booked)} transactions go and their entries are reversed, also those that you
            corrected. What another import brought too stays. The statement can be uploaded again.
          </p>
        </Confirm>
      )}
    </li>
  );
}
