import { useMemo } from "react";
import { Field } from "../shell/Field";
import { Failure, Loading } from "../shell/States";
import { useQuery } from "../shell/router";
import { useScope } from "../shell/scope";
import { useApi } from "../shell/useApi";
import { SpendingChart } from "./SpendingChart";
import { SpendingTable } from "./SpendingTable";
import { negate } from "./money";
import { monthsBetween, spendingOf } from "./spending";

const SERIES_MAX = 8;
const MONTHS = [
  ["12", "12 months"],
  ["24", "2 years"],
  ["60", "5 years"],
  ["120", "10 years"],
] as const;

/** What was spent, or came in, by account and month: drawn, and as a table. */
export function SpendingSection({ currency }: { currency: string }) {
  const { tenant, company } = useScope();
  const [address, change] = useQuery();
  const at = address.get("at") ?? "";
  const months = address.get("months") ?? "12";
  const under = address.get("under") || "Expenses";
  const income = under.split(":")[0] === "Income";
  const who = { tenant_id: tenant, company_id: company, currency, account: under };
  const monthly = useApi(`monthly ${JSON.stringify(who)} ${at} ${months}`, (client, signal) =>
    client.get("/api/accounts/monthly", {
      query: { ...who, to: at, months: Number(months) },
      signal,
    }),
  );
  const { data } = monthly;
  const spending = useMemo(() => {
    if (!data?.from || !data.to) return null;
    const first = data.items[0]?.month ?? data.from.slice(0, 7); // before it there was nothing
    const items = income
      ? data.items.map((item) => ({ ...item, amount: negate(item.amount) }))
      : data.items;
    return spendingOf(items, {
      under,
      currency,
      months: monthsBetween(first, data.to.slice(0, 7)),
      most: SERIES_MAX,
    });
  }, [data, under, currency, income]);
  const deeper = spending?.series.filter((one) => one.name.startsWith(`${under}:`)) ?? [];
  const title = `${income ? "Income" : "Spending"} by month, ${currency}`;

  return (
    <section aria-labelledby="spending" aria-busy={monthly.loading}>
      <h2 id="spending">{income ? "Income" : "Spending"} by account and month</h2>
      <div className="filters">
        <Field label="Of">
          <select value={under} onChange={(event) => change({ under: event.target.value })}>
            <option value="Expenses">All expenses</option>
            <option value="Income">All income</option>
            {under.includes(":") && <option>{under}</option>}
            {deeper.map((one) => (
              <option key={one.name}>{one.name}</option>
            ))}
          </select>
        </Field>
        <Field label="Over">
          <select value={months} onChange={(event) => change({ months: event.target.value })}>
            {MONTHS.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </Field>
      </div>
      {monthly.error && <Failure error={monthly.error} retry={monthly.reload} />}
      {!data && monthly.loading && <Loading what="months" />}
      {spending?.series.length === 0 && (
        <p className="muted">
          Nothing in {currency} in the months until {data?.to}. Earlier ones are there with a longer
          time.
        </p>
      )}
      {spending && spending.series.length > 0 && (
        <>
          <SpendingChart spending={spending} currency={currency} title={title} />
          <details>
            <summary>As a table</summary>
            <SpendingTable spending={spending} title={title} />
          </details>
        </>
      )}
    </section>
  );
}
