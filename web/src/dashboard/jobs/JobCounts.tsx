/* JobCounts - how many jobs there are in each status: the overview above the list. */
import { count } from "../shell/format";
import { Link } from "../shell/router";
import { HOME } from "../shell/routes";
import { useScope } from "../shell/scope";
import { useApi } from "../shell/useApi";

const EVERY_MS = 3000;
const STATUSES = ["running", "pending", "complete", "failed", "cancelled"] as const;

export function JobCounts({ status }: { status: string }) {
  const { tenant } = useScope();
  const { data, error } = useApi(
    `counts ${tenant}`,
    (client, signal) =>
      client.getOnce("/api/jobs", { query: { tenant_id: tenant || undefined, limit: 1 }, signal }),
    { everyMs: EVERY_MS },
  );
  const stale = error && (
    <p role="status" className="bad small">
      {data ? "These counts are of a while ago" : "The jobs can't be counted"}: {error.message}
    </p>
  );
  if (!data) return stale ?? <ul className="counts" aria-hidden="true" />;
  return (
    <>
      {stale}
      <ul className="counts" aria-label={`Jobs of ${tenant || "all tenants"} by status`}>
        {STATUSES.map((name) => (
          <li key={name}>
            <Link
              to={HOME}
              query={{ status: name === status ? null : name, companies: "all" }}
              aria-current={name === status ? "true" : undefined}
              data-none={data.counts[name] === 0 || undefined}
            >
              <b>{count(data.counts[name])}</b> {name}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}
