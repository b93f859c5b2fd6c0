import { Empty, Failure, Loading, More } from "../shell/States";
import { Link } from "../shell/router";
import { useScope } from "../shell/scope";
import { usePages } from "../shell/usePages";
import { useShown } from "../shell/useShown";
import "./books.css";
import { type Import, ImportCard } from "./ImportCard";

const PAGE = 50;

/** Every statement that was brought, newest first, and the way to take one back. */
export default function Imports() {
  const { tenant, company } = useScope();
  const query = { tenant_id: tenant, company_id: company };
  const shown = useShown(PAGE);
  const list = usePages<Import>("imports", (client, cursor, signal) =>
    client.get("/api/imports", { query: { ...query, limit: shown.limitOf(cursor), cursor }, signal }),
  );
  return (
    <div className="books" aria-busy={list.loading}>
      <h1>Imports</h1>
      {list.error && <Failure error={list.error} retry={list.reload} />}
      {list.items.length === 0 && list.loading && <Loading what="imports" />}
      {list.items.length === 0 && !list.loading && !list.error && (
        <Empty title="Nothing was imported yet">
          <p>
            <Link to="/dashboard/upload">Upload a statement</Link> to begin these books.
          </p>
        </Empty>
      )}
      <ol className="books-imports" aria-label="Imports, newest first">
        {list.items.map((item) => (
          <ImportCard key={item.job_id} item={item} onUndone={list.reload} />
        ))}
      </ol>
      <More more={shown.moreOf(list)} loading={list.loading && list.items.length > 0} what="imports" />
    </div>
  );
}
