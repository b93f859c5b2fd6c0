import { Field } from "../shell/Field";
import { Empty, Failure, Loading } from "../shell/States";
import { Link, useQuery } from "../shell/router";
import { useScope } from "../shell/scope";
import { useApi } from "../shell/useApi";
import { BalanceTable } from "./BalanceTable";
import { SpendingSection } from "./SpendingSection";
import { TransfersSection } from "./TransfersSection";
import { currenciesOf, mainCurrency } from "./accountTree";
import "./books.css";

/** The trial balance of each currency, what was spent by month, and transfers. */
export default function Balances() {
  const { tenant, company } = useScope();
  const [address, change] = useQuery();
  const at = address.get("at") ?? "";
  const balances = useApi(`balances ${at}`, (client, signal) =>
    client.get("/api/accounts/balances", {
      query: { tenant_id: tenant, company_id: company, at },
      signal,
    }),
  );
  const currencies = currenciesOf(balances.data?.items ?? []);
  const chosen = address.get("currency") ?? "";
  const currency = currencies.includes(chosen) ? chosen : mainCurrency(balances.data?.items ?? []);

  return (
    <div className="books" aria-busy={balances.loading}>
      <h1>Balances</h1>
      <div className="filters">
        <Field label="At the end of">
          <input
            type="date"
            value={at}
            onChange={(event) => change({ at: event.target.value }, { replace: true })}
          />
        </Field>
        {currencies.length > 1 && (
          <Field label="Currency">
            <select value={currency} onChange={(event) => change({ currency: event.target.value })}>
              {currencies.map((one) => (
                <option key={one}>{one}</option>
              ))}
            </select>
          </Field>
        )}
        {at && (
          <button type="button" className="quiet" onClick={() => change({ at: null })}>
            As of now
          </button>
        )}
      </div>
      {balances.error && <Failure error={balances.error} retry={balances.reload} />}
      {!balances.data && balances.loading && <Loading what="balances" />}
      {balances.data && currencies.length === 0 && (
        <Empty title={at ? "Nothing was booked by then" : "These books are empty"}>
          <p>
            <Link to="/dashboard/upload">Upload a statement</Link> to fill them.
          </p>
        </Empty>
      )}
      {balances.data && currency && (
        <>
          <SpendingSection currency={currency} />
          <BalanceTable balances={balances.data} currency={currency} at={at} />
          <TransfersSection />
        </>
      )}
    </div>
  );
}
