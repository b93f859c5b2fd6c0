/* usePages - a list of the API that comes in pages: the first at once, more when asked for. */
import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, type Client, isAbort } from "../../client/api";
import { useScope } from "./scope";
import { asApiError } from "./useApi";

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Pages<T> {
  items: T[];
  error: ApiError | null;
  loading: boolean;
  /** Where the next page begins; "": there is none. */
  cursor: string;
  /** Null: there is no more, or it is being fetched. */
  more: (() => void) | null;
  reload: () => void;
  /** Changes what is shown, without asking: after an answer that tells the new state of an item. */
  patch: (change: (items: T[]) => T[]) => void;
}

interface State<T> {
  items: T[];
  cursor: string | null;
  error: ApiError | null;
  loading: boolean;
}

export function usePages<T>(
  key: string | null,
  ask: (client: Client, cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
): Pages<T> {
  const { client } = useScope();
  const [state, setState] = useState<State<T>>({
    items: [],
    cursor: null,
    error: null,
    loading: key !== null,
  });
  const [again, setAgain] = useState(0);
  const asking = useRef(ask);
  asking.current = ask;
  const life = useRef<AbortController | null>(null);

  const fetchPage = useCallback(
    (cursor: string | undefined) => {
      life.current?.abort();
      const own = new AbortController();
      life.current = own;
      setState((before) => ({ ...before, loading: true }));
      asking.current(client, cursor, own.signal).then(
        (page) => {
          if (own.signal.aborted) return;
          /* The API looked at many and found none: it is asked on until there is something to show. */
          const barren = page.items.length === 0 && page.next_cursor !== null;
          setState((before) => ({
            items: cursor === undefined ? page.items : [...before.items, ...page.items],
            cursor: page.next_cursor,
            error: null,
            loading: barren,
          }));
          if (barren) fetchPage(page.next_cursor ?? undefined);
        },
        (error: unknown) => {
          if (own.signal.aborted || isAbort(error)) return;
          setState((before) => ({ ...before, error: asApiError(error), loading: false }));
        },
      );
    },
    [client],
  );

  const lastKey = useRef<string | null>(null);
  useEffect(() => {
    if (key === null) return;
    if (lastKey.current !== key)
      setState({ items: [], cursor: null, error: null, loading: true });
    lastKey.current = key;
    fetchPage(undefined);
    return () => life.current?.abort();
  }, [key, again, fetchPage]);

  const { cursor } = state;
  return {
    items: state.items,
    error: state.error,
    loading: state.loading,
    cursor: cursor ?? "",
    more: cursor === null || state.loading ? null : () => fetchPage(cursor),
    reload: useCallback(() => setAgain((n) => n + 1), []),
    patch: useCallback(
      (change) => setState((before) => ({ ...before, items: change(before.items) })),
      [],
    ),
  };
}
