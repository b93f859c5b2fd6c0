/* Jobs - every background job, newest first, changing as they do. */
import { useCallback, useEffect, useMemo, useRef } from "react";
import type { Job } from "../../client/api";
import { Field } from "../shell/Field";
import { Empty, Failure, Loading, More } from "../shell/States";
import { Link, useQuery } from "../shell/router";
import { useScope } from "../shell/scope";
import { usePages } from "../shell/usePages";
import { JobRow } from "./JobRow";
import { StartCategorize } from "./StartCategorize";
import { type Filters, merge } from "./jobList";
import { useTenantEvents } from "./useTenantEvents";
import "./jobs.css";

const STATUSES = ["pending", "running", "complete", "failed", "cancelled"] as const;
const PAGE = 50;
/* Changes are drawn this often at most: a busy tenant has hundreds a second. */
const DRAW_MS = 200;

function useJobs(filters: Filters) {
  const { tenant, company, status, type } = filters;
  const query = {
    tenant_id: tenant || undefined,
    company_id: company || undefined,
    status: (status || undefined) as Job["status"] | undefined,
    type: type || undefined,
    limit: PAGE,
  };
  const pages = usePages<Job>(JSON.stringify(query), (client, cursor, signal) =>
    client.get("/api/jobs", { query: { ...query, cursor }, signal }),
  );
  const heard = useRef<Job[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const { patch } = pages;
  const draw = useCallback(() => {
    timer.current = undefined;
    const changes = heard.current;
    heard.current = [];
    patch((jobs) => merge(jobs, changes, { tenant, company, status, type }));
  }, [patch, tenant, company, status, type]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useTenantEvents((job) => {
    heard.current.push(job);
    timer.current ??= setTimeout(draw, DRAW_MS);
  });
  /* A job that was heard of may come once more with its page. */
  const items = useMemo(
    () => merge([], pages.items, { tenant, company, status, type }),
    [pages.items, tenant, company, status, type],
  );
  return { ...pages, items };
}

function NoJobs({ filtered }: { filtered: boolean }) {
  if (filtered)
    return (
      <Empty title="No job is like that">
        <p>Jobs leave the list 24 hours after their end, unless it is configured otherwise.</p>
      </Empty>
    );
  return (
    <Empty title="No jobs yet">
      <p>A job begins with a bank's CSV file.</p>
      <p>
        <Link to="/dashboard/upload" className="button primary">
          Upload a statement
        </Link>
      </p>
    </Empty>
  );
}

export default function Jobs() {
  const { tenant, company } = useScope();
  const [query, change] = useQuery();
  const status = query.get("status") ?? "";
  const type = query.get("type") ?? "";
  const all = query.get("companies") === "all";
  const filters = useMemo(
    () => ({ tenant, company: all ? "" : company, status, type }),
    [tenant, company, all, status, type],
  );
  const { items, error, loading, more, reload } = useJobs(filters);

  return (
    <>
      <div className="row spread">
        <h1>Background jobs</h1>
        <div className="row">
          <StartCategorize />
          <Link to="/dashboard/upload" className="button primary">
            Upload a statement
          </Link>
        </div>
      </div>
      <div className="filters">
        <Field label="Status">
          <select value={status} onChange={(e) => change({ status: e.target.value })}>
            <option value="">All</option>
            {STATUSES.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </Field>
        <Field label="Type">
          <input
            value={type}
            placeholder="All"
            list="job-types"
            onChange={(e) => change({ type: e.target.value.trim() }, { replace: true })}
          />
        </Field>
        <datalist id="job-types">
          <option value="upload-and-categorize" />
          <option value="categorize" />
        </datalist>
        {company && (
          <Field label="Company">
            <select
              value={all ? "all" : ""}
              onChange={(e) => change({ companies: e.target.value })}
            >
              <option value="">{company}</option>
              <option value="all">All of {tenant}</option>
            </select>
          </Field>
        )}
      </div>
      {error && <Failure error={error} retry={reload} />}
      {items.length > 0 ? (
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th>Job</th>
                {!filters.company && <th>Company</th>}
                <th>Status</th>
                <th>Progress</th>
                <th className="number">Rows</th>
                <th className="number">Created</th>
                <th className="number">Took</th>
              </tr>
            </thead>
            <tbody>
              {items.map((job) => (
                <JobRow key={job.id} job={job} companies={!filters.company} />
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        !error && (loading ? <Loading what="jobs" /> : <NoJobs filtered={Boolean(status || type)} />)
      )}
      {items.length > 0 && <More more={more} loading={loading} what="jobs" />}
    </>
  );
}
