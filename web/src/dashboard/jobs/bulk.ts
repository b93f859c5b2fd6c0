/* bulk - what can be done with several jobs at once. */
import { ApiError, type Client, type Job } from "../../client/api";
import { isEnded } from "../../job/record";
import { asApiError } from "../shell/useApi";

export type Verb = "cancel" | "retry";

/* Calls at a time: a browser has six connections, and the page's events need one. */
const AT_ONCE = 3;

export function may(verb: Verb, job: Job): boolean {
  if (verb === "cancel") return !isEnded(job.status) && job.ending === null;
  return job.status === "failed" || job.status === "cancelled";
}

export interface Done {
  done: Job[];
  refused: { job: Job; error: ApiError }[];
}

/** Each job on its own: one that is refused hinders no other. */
export async function doAll(client: Client, verb: Verb, jobs: readonly Job[]): Promise<Done> {
  const result: Done = { done: [], refused: [] };
  const rest = [...jobs];
  const work = async () => {
    for (let job = rest.shift(); job; job = rest.shift()) {
      try {
        await client.post(`/api/jobs/{id}/${verb}`, {}, { path: { id: job.id } });
        result.done.push(job);
      } catch (error) {
        result.refused.push({ job, error: asApiError(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return result;
}
