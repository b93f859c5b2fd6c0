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

export interface AskOptions {
  /** Ask again after so long, while the page is shown. */
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

  useEffect(() => {
    if (key === null) return;
    const life = new AbortController();
    setLoading(true);
    asking.current(client, life.signal).then(
      (data) => {
        if (life.signal.aborted) return;
        setState({ key, data, error: null });
        setLoading(false);
      },
      (error: unknown) => {
        if (life.signal.aborted || isAbort(error)) return;
        setState((before) => ({
          key,
          data: before.key === key ? before.data : null,
          error: asApiError(error),
        }));
        setLoading(false);
      },
    );
    return () => life.abort();
  }, [client, key, again]);

  const reload = useCallback(() => setAgain((n) => n + 1), []);
  const { everyMs } = options;
  useEffect(() => {
    if (!everyMs || key === null) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") reload();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, key, reload]);
  return { data: key === null ? null : state.data, error: state.error, loading, reload };
}
