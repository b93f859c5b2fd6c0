import { useState } from "react";
import type { ApiError, Schemas } from "../../client/api";
import { Failure, More } from "../shell/States";
import { useScope } from "../shell/scope";
import { useToast } from "../shell/toasts";
import { asApiError } from "../shell/useApi";
import { usePages } from "../shell/usePages";
import { AccountName } from "./AccountName";
import { Money } from "./Money";

type Transfer = Schemas["Transfer"];

const PAGE = 10;

/** Money that went from one own account to another: both sides, and a way to take them apart. */
export function TransfersSection() {
  const { client, tenant, company } = useScope();
  const say = useToast();
  const [error, setError] = useState<ApiError | null>(null);
  const query = { tenant_id: tenant, company_id: company, limit: PAGE };
  const list = usePages<Transfer>("transfers", (asked, cursor, signal) =>
    asked.get("/api/transfers", { query: { ...query, cursor }, signal }),
  );
  const undo = async (transfer: Transfer) => {
    setError(null);
    try {
      await client.post("/api/transfers/{id}/undo", {}, { path: { id: transfer.id }, query });
      list.patch((items) => items.filter((item) => item.id !== transfer.id));
      say("Taken apart: both sides stand as before");
    } catch (told) {
      setError(asApiError(told));
    }
  };

  if (list.items.length === 0 && !list.error) return null;
  return (
    <section aria-labelledby="transfers">
      <h2 id="transfers">Between own accounts</h2>
      {list.error && <Failure error={list.error} retry={list.reload} />}
      {error && <Failure error={error} />}
      <ul className="books-transfers">
        {list.items.map((transfer) => (
          <li key={transfer.id}>
            <span className="books-date">{transfer.out.date}</span>
            <span className="books-what">
              <span>
                <AccountName name={transfer.out.bank_account} /> <span aria-hidden="true">→</span>
                <span className="hidden">to</span>{" "}
                <AccountName name={transfer.in.bank_account} />
              </span>
              <span className="books-fine">
                <bdi>{transfer.out.description}</bdi> · <bdi>{transfer.in.description}</bdi> ({transfer.in.date})
              </span>
            </span>
            <Money amount={transfer.in.amount} currency={transfer.in.currency} />
            <button
              type="button"
              className="quiet"
              aria-label={`Take apart the transfer of ${transfer.out.date}, ${transfer.in.amount} ${transfer.in.currency}`}
              onClick={() => void undo(transfer)}
            >
              Take apart
            </button>
          </li>
        ))}
      </ul>
      <More more={list.more} loading={list.loading} what="transfers" />
    </section>
  );
}
