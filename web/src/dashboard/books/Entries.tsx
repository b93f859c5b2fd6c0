import { Empty, Failure, Loading, More } from "../shell/States";
import { Link, useQuery } from "../shell/router";
import { useScope } from "../shell/scope";
import { type Page, usePages } from "../shell/usePages";
import { useShown } from "../shell/useShown";
import "./books.css";
import { type Entry, EntryCard } from "./EntryCard";
import { Filters } from "./Filters";

const PAGE = 50;
const FILTERS = ["q", "account", "from", "to", "job", "transaction"] as const;

/** The journal: every entry with its lines, also what was corrected since. */
export default function Entries() {
  const { tenant, company } = useScope();
  const [address] = useQuery();
  const query = {
    tenant_id: tenant,
    company_id: company,
    q: address.get("q") ?? "",
    account: address.get("account") ?? "",
    from: address.get("from") ?? "",
    to: address.get("to") ?? "",
    job_id: address.get("job") ?? "",
    transaction_id: address.get("transaction") ?? "",
  };
  const paging = useShown(PAGE);
  const list = usePages(
    JSON.stringify(query),
    (client, cursor, signal) =>
      client.get("/api/journal-entries", { query: { ...query, limit: paging.limitOf(cursor), cursor }, signal }) as Promise<
        Page<Entry>
      >,
  );
  const shown = new Set(list.items.map((entry) => entry.id));

  return (
    <div className="books" aria-busy={list.loading}>
      <h1>Journal entries</h1>
      <Filters names={FILTERS} />
      {list.error && <Failure error={list.error} retry={list.reload} />}
      {list.items.length === 0 && list.loading && <Loading what="entries" />}
      {list.items.length === 0 && !list.loading && !list.error && (
        <Empty title="No entries here">
          <p>
            Nothing fits these filters, or these books are new:{" "}
            <Link to="/dashboard/upload">upload a statement</Link>.
          </p>
        </Empty>
      )}
      <ol className="books-entries" aria-label="Entries, newest day first">
        {list.items.map((entry) => (
          <EntryCard key={entry.id} entry={entry} shown={shown} />
        ))}
      </ol>
      <More more={paging.moreOf(list)} loading={list.loading && list.items.length > 0} what="entries" />
    </div>
  );
}
