/* jobList - the jobs that are shown: the pages that the API told, kept true by the changes that are
 * heard. */
import type { Job } from "../../client/api";
import { compareChanges } from "../../job/record";

export interface Filters {
  tenant: string;
  company: string;
  status: string;
  type: string;
}

export interface Shown {
  jobs: Job[];
  /** Jobs that began since and are held back: a list that grows without end helps nobody. */
  newer: number;
}

/* New jobs that a list takes in by itself. */
const FRESH_MAX = 100;

function fits(job: Job, filters: Filters): boolean {
  return (
    (!filters.tenant || job.tenant_id === filters.tenant) &&
    (!filters.company || job.company_id === filters.company) &&
    (!filters.status || job.status === filters.status) &&
    (!filters.type || job.type === filters.type)
  );
}

const newestFirst = (a: Job, b: Job) => (a.id < b.id ? 1 : -1);

/** Newest first; ids are ULIDs, which sort by their time. A job that no longer fits leaves; one that
 * is older than where the next page begins (`cursor`, "" = there is none) comes with its own. */
export function merge(
  pages: readonly Job[],
  heard: Iterable<Job>,
  filters: Filters,
  cursor: string,
): Shown {
  const known = new Map<string, Job>();
  for (const job of pages) {
    const before = known.get(job.id);
    if (!before || compareChanges(job.change, before.change) > 0) known.set(job.id, job);
  }
  const fresh = new Map<string, Job>();
  for (const job of heard) {
    const before = known.get(job.id) ?? fresh.get(job.id);
    if (before ? compareChanges(job.change, before.change) <= 0 : job.id < cursor) continue;
    const into = known.has(job.id) ? known : fresh;
    if (fits(job, filters)) into.set(job.id, job);
    else into.delete(job.id);
  }
  const begun = [...fresh.values()].sort(newestFirst);
  const newer = Math.max(0, begun.length - FRESH_MAX);
  return { jobs: [...begun.slice(newer), ...known.values()].sort(newestFirst), newer };
}
