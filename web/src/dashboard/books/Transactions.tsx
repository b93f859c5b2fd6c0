import { Empty, Failure, Loading, More } from "../shell/States";
import { Link, useQuery } from "../shell/router";
import { useScope } from "../shell/scope";
import { type Page, usePages } from "../shell/usePages";
import { useShown } from "../shell/useShown";
import { Filters } from "./Filters";
import { TransactionRows } from "./TransactionRows";
import "./books.css";
import { useAccounts } from "../shell/useAccounts";
import type { Transaction } from "./useAnswers";

const PAGE = 50;
const FILTERS = ["q", "status", "account", "from", "to", "job", "transaction"] as const;

/** What the bank said and what was made of it; each can be corrected where it stands. */
export default function Transactions() {
  const { tenant, company } = useScope();
  const [address] = useQuery();
  const accounts = useAccounts();
  const query = {
    tenant_id: tenant,
    company_id: company,
    q: address.get("q") ?? "",
    status: (address.get("status") ?? "") as Transaction["status"],
    account: address.get("account") ?? "",
    from: address.get("from") ?? "",
    to: address.get("to") ?? "",
    job_id: address.get("job") ?? "",
    transaction_id: address.get("transaction") ?? "",
  };
  const shown = useShown(PAGE);
  const list = usePages(
    JSON.stringify(query),
    (client, cursor, signal) =>
      client.get("/api/transactions", { query: { ...query, limit: shown.limitOf(cursor), cursor }, signal }) as Promise<
        Page<Transaction>
      >,
  );
  const change = (txn: Transaction) =>
    list.patch((items) => items.map((item) => (item.id === txn.id ? txn : item)));

  return (
    <div className="books" aria-busy={list.loading}>
      <h1>Transactions</h1>
      <Filters names={FILTERS} />
      {list.error && <Failure error={list.error} retry={list.reload} />}
      {list.items.length === 0 && list.loading && <Loading what="transactions" />}
      {list.items.length === 0 && !list.loading && !list.error && (
        <Empty title="No transactions here">
          <p>
            Nothing fits these filters, or these books are new:{" "}
            <Link to="/dashboard/upload">upload a statement</Link>.
          </p>
        </Empty>
      )}
      {list.items.length > 0 && (
        <table role="table" className="books-rows books-transactions">
          <caption className="hidden">Transactions, newest first</caption>
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col">Date</th>
              <th role="columnheader" scope="col">Description</th>
              <th role="columnheader" scope="col" className="number">Amount</th>
              <th role="columnheader" scope="col">Account</th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {list.items.map((txn) => (
              <TransactionRows key={txn.id} txn={txn} accounts={accounts} onChange={change} />
            ))}
          </tbody>
        </table>
      )}
      <More more={shown.moreOf(list)} loading={list.loading && list.items.length > 0} what="transactions" />
    </div>
  );
}
