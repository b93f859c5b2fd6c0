/* useJobStatus - a daybook job as React state. */
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { INITIAL, JobWatch, type JobState, type WatchOptions } from "./watch";

export interface JobStatus extends JobState {
  /** Stops the job; what was stored by then stays booked. Rejects with ApiError. */
  cancel: () => Promise<void>;
  /** Lets a failed or cancelled job go on from where it stopped. Rejects with ApiError. */
  retry: (options?: { skip?: boolean }) => Promise<void>;
}

const initial = () => INITIAL;
const nothing = () => () => undefined;
const noJob = () => Promise.reject(new Error("There is no job"));

/** Follows the job until it has ended; with null it waits for an id. */
export function useJobStatus(jobId: string | null | undefined, options: WatchOptions = {}): JobStatus {
  const { baseUrl, apiKey, mode } = options;
  /* A fetch that is written in place is another function in each render, and no other job. */
  const fetcher = useRef(options.fetch);
  fetcher.current = options.fetch;
  const watch = useMemo(() => {
    if (!jobId) return null;
    const call: typeof fetch = (input, init) => (fetcher.current ?? fetch)(input, init);
    return new JobWatch(jobId, { baseUrl, apiKey, mode, fetch: call });
  }, [jobId, baseUrl, apiKey, mode]);
  useEffect(() => {
    watch?.start();
    return () => watch?.stop();
  }, [watch]);
  const state = useSyncExternalStore(
    watch?.subscribe ?? nothing,
    watch?.snapshot ?? initial,
    initial,
  );
  return useMemo(
    () => ({ ...state, cancel: watch?.cancel ?? noJob, retry: watch?.retry ?? noJob }),
    [state, watch],
  );
}
