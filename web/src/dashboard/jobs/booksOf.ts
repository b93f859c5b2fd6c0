/* booksOf - the part of an address that says whose books a job works on, whoever is looked at now. */
import type { Job } from "../../client/api";

export function booksOf(job: Job) {
  return { tenant: job.tenant_id, company: job.company_id };
}
