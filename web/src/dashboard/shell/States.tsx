/* States - what a view shows when it has nothing to show: yet, at all, or because something failed. */
import type { ReactNode } from "react";
import type { ApiError } from "../../client/api";

export function Loading({ what }: { what: string }) {
  return (
    <p className="state" role="status">
      <span className="spinner" aria-hidden="true" /> Loading {what}…
    </p>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Failure({ error, retry }: { error: ApiError; retry?: (() => void) | undefined }) {
  const hint = error.problem?.hint;
  /* Elsewhere they say once more what the message says. */
  const fields = error.status === 422 ? (error.problem?.errors ?? []) : [];
  return (
    <div className="state failure" role="alert">
      <p>
        <b>{error.status === 401 ? "A key is needed" : error.message}</b>
      </p>
      {error.status === 401 && <p>Give an API key under “Settings”, at the top of the page.</p>}
      {fields.map((field) => (
        <p key={field.loc.join(".")}>
          <code>{field.loc.join(".")}</code>: {field.msg}
        </p>
      ))}
      {hint && <p className="muted">{hint}</p>}
      {retry && error.passing && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** The end of a list that comes in pages. */
export function More({ more, loading, what }: { more: (() => void) | null; loading: boolean; what: string }) {
  if (!more && !loading) return null;
  return (
    <p className="more">
      <button type="button" onClick={() => more?.()} disabled={!more}>
        {loading ? `Loading ${what}…` : `More ${what}`}
      </button>
    </p>
  );
}
