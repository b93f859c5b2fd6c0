/* router - the page's addresses over the History API. A view's state lives in the query, so that a
 * reload and a copied link show the same. */
import { type AnchorHTMLAttributes, type MouseEvent, useCallback, useMemo, useSyncExternalStore } from "react";

/* What every address keeps: whose books are looked at. */
const KEPT = ["tenant", "company"];
const MOVED = "daybook:moved";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(MOVED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(MOVED, listener);
  };
}

const address = () => window.location.pathname + window.location.search;

export function navigate(to: string, options: { replace?: boolean } = {}) {
  if (to === address()) return;
  window.history[options.replace ? "replaceState" : "pushState"](null, "", to);
  window.dispatchEvent(new Event(MOVED));
}

export type Changes = Record<string, string | number | null | undefined>;

function changed(query: URLSearchParams, changes: Changes): string {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined || value === "") next.delete(name);
    else next.set(name, String(value));
  }
  const text = next.toString();
  return text ? `?${text}` : "";
}

/** An address of this page: `path` with `query`, and the tenant and company that are looked at. */
export function addressOf(path: string, query: Changes = {}): string {
  const here = new URLSearchParams(window.location.search);
  const kept = new URLSearchParams();
  for (const name of KEPT) {
    const value = here.get(name);
    if (value) kept.set(name, value);
  }
  return path + changed(kept, query);
}

export function useAddress(): { path: string; query: URLSearchParams } {
  const text = useSyncExternalStore(subscribe, address);
  return useMemo(() => {
    const at = text.indexOf("?");
    return {
      path: at < 0 ? text : text.slice(0, at),
      query: new URLSearchParams(at < 0 ? "" : text.slice(at)),
    };
  }, [text]);
}

/** The query, and how to change it: null takes a name out. Typing replaces, choosing pushes. */
export function useQuery(): [URLSearchParams, (changes: Changes, options?: { replace?: boolean }) => void] {
  const { query } = useAddress();
  const change = useCallback((changes: Changes, options: { replace?: boolean } = {}) => {
    const here = new URLSearchParams(window.location.search);
    navigate(window.location.pathname + changed(here, changes), options);
  }, []);
  return [query, change];
}

interface LinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> {
  to: string;
  query?: Changes;
}

/** A link within the page; every other way to open it works as with any link. */
export function Link({ to, query, onClick, ...rest }: LinkProps) {
  useAddress(); /* the tenant and company in it are those of now */
  const href = addressOf(to, query);
  const go = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !plain || rest.target) return;
    event.preventDefault();
    navigate(href);
  };
  return <a {...rest} href={href} onClick={go} />;
}
