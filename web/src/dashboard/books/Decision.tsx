import { decisionText, percentOf, type Decided } from "./decision";

/** How an entry was decided: by whom, and how sure that is. */
export function Decision({ of }: { of: Decided }) {
  const percent = percentOf(of);
  return (
    <span className={`books-decision books-by-${of.source}`} title={of.decided_by || undefined}>
      {decisionText(of)}
      {percent !== null && (
        <span className="books-sure">
          {" "}
          {percent}
          <span aria-hidden="true">{"\u2009"}%</span>
          <span className="hidden"> per cent sure</span>
        </span>
      )}
    </span>
  );
}
