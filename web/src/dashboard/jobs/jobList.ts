/* jobList - the jobs that are shown, kept true by the changes that are heard. */
import type { Job } from "../../client/api";
import { compareChanges } from "../../job/record";

export interface Filters {
  tenant: string;
  company: string;
  status: string;
  type: string;
}

function fits(job: Job, filters: Filters): boolean {
  return (
    (!filters.tenant || job.tenant_id === filters.tenant) &&
    (!filters.company || job.company_id === filters.company) &&
    (!filters.status || job.status === filters.status) &&
    (!filters.type || job.type === filters.type)
  );
}

/** Newest first; ids are ULIDs, which sort by their time. A job that no longer fits leaves. */
export function merge(jobs: readonly Job[], heard: readonly Job[], filters: Filters): Job[] {
  const known = new Map(jobs.map((job) => [job.id, job]));
  for (const job of heard) {
    const before = known.get(job.id);
    if (before && compareChanges(job.change, before.change) <= 0) continue;
    if (fits(job, filters)) known.set(job.id, job);
    else known.delete(job.id);
  }
  return [...known.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}
