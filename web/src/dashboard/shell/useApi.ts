/* useApi - what the API says, as state: the last answer stays while a newer one is fetched, and an
 * answer that is no longer wanted is dropped. */
import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError, type Client, isAbort } from "../../client/api";
import { useScope } from "./scope";

export interface Asked<T> {
  data: T | null;
  error: ApiError | null;
  loading: boolean;
  /** Asks again; `data` stays until the answer is there. */
  reload: () => void;
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, "broken", error instanceof Error ? error.message : String(error));
}

/* Of a view that asks again and again: what is not answered for so long counts as lost, else one
 * question would be its last. */
const PATIENCE_MS = 15_000;

export interface AskOptions {
  /** Ask again so long after each answer, while the page is shown. */
  everyMs?: number;
}

/** Asks whenever `key` changes; null asks nothing. `ask` is called with what is current then. */
export function useApi<T>(
  key: string | null,
  ask: (client: Client, signal: AbortSignal) => Promise<T>,
  options: AskOptions = {},
): Asked<T> {
  const { client } = useScope();
  const [state, setState] = useState<{ key: string | null; data: T | null; error: ApiError | null }>({
    key: null,
    data: null,
    error: null,
  });
  const [loading, setLoading] = useState(key !== null);
  const [again, setAgain] = useState(0);
  const asking = useRef(ask);
  asking.current = ask;
  const { everyMs } = options;
  const patient = !everyMs;

  useEffect(() => {
    if (key === null) return;
    const life = new AbortController();
    const fail = (error: unknown) => {
      if (life.signal.aborted || isAbort(error)) return;
      setState((before) => ({
        key,
        data: before.key === key ? before.data : null,
        error: asApiError(error),
      }));
      setLoading(false);
    };
    const giveUp = () => {
      fail(new ApiError(0, "unreachable", "daybook does not answer"));
      life.abort();
    };
    const timer = patient ? undefined : setTimeout(giveUp, PATIENCE_MS);
    setLoading(true);
    asking.current(client, life.signal).then((data) => {
      if (life.signal.aborted) return;
      setState({ key, data, error: null });
      setLoading(false);
    }).catch(fail).finally(() => clearTimeout(timer));
    return () => {
      clearTimeout(timer);
      life.abort();
    };
  }, [client, key, again, patient]);

  const reload = useCallback(() => setAgain((n) => n + 1), []);
  useEffect(() => {
    /* Never while one is under way: it would be given up for the next, and none be answered. */
    if (!everyMs || key === null || loading) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, key, loading, reload]);
  return { data: key === null ? null : state.data, error: state.error, loading, reload };
}
