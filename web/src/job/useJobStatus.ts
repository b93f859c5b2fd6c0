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
  const { baseUrl, apiKey, fetch, mode } = options;
  /* A function written in place is another one at each render: it must not begin a new watch. */
  const own = useRef(fetch);
  useEffect(() => {
    own.current = fetch;
  });
  const watch = useMemo(() => {
    const call: typeof globalThis.fetch = (...args) => (own.current ?? globalThis.fetch)(...args);
    return jobId ? new JobWatch(jobId, { baseUrl, apiKey, fetch: call, mode }) : null;
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
