/* Jobs - every background job, newest first, changing as they do. */
import { useCallback, useMemo, useState } from "react";
import type { Job } from "../../client/api";
import { count } from "../shell/format";
import { Field } from "../shell/Field";
import { Scroll } from "../shell/Scroll";
import { Empty, Failure, Loading, More } from "../shell/States";
import { Link, useQuery } from "../shell/router";
import { useScope } from "../shell/scope";
import { PAUSE_MS, useSettled } from "../shell/useSettled";
import { BulkActions } from "./BulkActions";
import { JobCounts } from "./JobCounts";
import { JobRow } from "./JobRow";
import { StartCategorize } from "./StartCategorize";
import { useJobs } from "./useJobs";
import "./jobs.css";

const STATUSES = ["pending", "running", "complete", "failed", "cancelled"] as const;

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

/** Which jobs are chosen; one that leaves the list is so no more. */
function useChosen(jobs: readonly Job[]) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((id: string) => {
    setIds((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  const chosen = jobs.filter((job) => ids.has(job.id));
  const all = jobs.length > 0 && chosen.length === jobs.length;
  return {
    ids,
    chosen,
    all,
    toggle,
    toggleAll: () => setIds(new Set(all ? [] : jobs.map((job) => job.id))),
    drop: (those: readonly Job[]) =>
      setIds((before) => new Set([...before].filter((id) => !those.some((job) => job.id === id)))),
  };
}

export default function Jobs() {
  const { tenant, company } = useScope();
  const [query, change] = useQuery();
  const status = query.get("status") ?? "";
  const type = query.get("type") ?? "";
  const typed = useSettled(type, (text) => change({ type: text.trim() }, { replace: true }), PAUSE_MS);
  const all = query.get("companies") === "all";
  const filters = useMemo(
    () => ({ tenant, company: all ? "" : company, status, type }),
    [tenant, company, all, status, type],
  );
  const { jobs, newer, error, loading, more, reload } = useJobs(filters);
  const { ids, chosen, all: allChosen, toggle, toggleAll, drop } = useChosen(jobs);

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
      <JobCounts status={status} />
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
          <input {...typed} placeholder="All" list="job-types" />
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
      {newer > 0 && (
        <p>
          <button type="button" onClick={reload}>
            Show {count(newer)} newer jobs
          </button>
        </p>
      )}
      {jobs.length > 0 ? (
        <Scroll label="Jobs">
          <table>
            <thead>
              <tr>
                <th className="choose">
                  <input type="checkbox" checked={allChosen} aria-label="Choose all" onChange={toggleAll} />
                </th>
                <th>Job</th>
                {!filters.company && <th>Company</th>}
                <th>Status</th>
                <th className="wide">Progress</th>
                <th className="number wide">Rows</th>
                <th className="number">Created</th>
                <th className="number wide">Took</th>
              </tr>
            </thead>
            <tbody>
              {jobs.map((job) => (
                <JobRow
                  key={job.id}
                  job={job}
                  companies={!filters.company}
                  chosen={ids.has(job.id)}
                  onChoose={toggle}
                />
              ))}
            </tbody>
          </table>
        </Scroll>
      ) : (
        !error && (loading ? <Loading what="jobs" /> : <NoJobs filtered={Boolean(status || type)} />)
      )}
      {jobs.length > 0 && <More more={more} loading={loading} what="jobs" />}
      <BulkActions chosen={chosen} onDone={drop} />
    </>
  );
}
