import type { Schemas } from "../../client/api";
import { Link } from "../shell/router";
import { AccountName } from "./AccountName";
import { Decision } from "./Decision";
import { Money } from "./Money";

export type Entry = Schemas["Entry"];

interface Props {
  entry: Entry;
  /** Entries on the same page, which can be jumped to. */
  shown: ReadonlySet<string>;
}

/** An entry with its lines. One that takes another back, or was taken back, says so and leads there;
 * where the other is not on this page, to all entries of the transaction. */
export function EntryCard({ entry, shown }: Props) {
  const other = (id: string) =>
    shown.has(id) ? (
      <a href={`#entry-${id}`}>entry {id}</a>
    ) : (
      <Link to="/dashboard/entries" query={{ transaction: entry.transaction_id }}>
        entry {id}
      </Link>
    );
  return (
    <li id={`entry-${entry.id}`} tabIndex={-1} className={entry.reversed_by ? "books-gone" : undefined}>
      <div className="books-entry-head">
        <span className="books-date">{entry.date}</span>
        <span className="books-text">{entry.description || "no description"}</span>
        <span className="muted">
          {entry.transaction_id ? (
            <Link
              to="/dashboard/transactions"
              query={{ transaction: entry.transaction_id }}
              aria-label={`Transaction of entry ${entry.id}`}
            >
              #{entry.id}
            </Link>
          ) : (
            <>#{entry.id}</>
          )}
        </span>
      </div>
      <table className="books-lines">
        <caption className="hidden">Lines of entry {entry.id}</caption>
        <thead className="hidden">
          <tr>
            <th scope="col">Account</th>
            <th scope="col">Amount: debit, or credit with a minus</th>
          </tr>
        </thead>
        <tbody>
          {entry.lines.map((line, i) => (
            <tr key={i}>
              <td className={line.amount.startsWith("-") ? "books-credit" : undefined}>
                <AccountName name={line.account} />
              </td>
              <td className="number">
                <Money amount={line.amount} currency={line.currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="books-fine">
        <Decision of={entry} />
        {entry.reverses && <> · takes back {other(entry.reverses)}</>}
        {entry.reversed_by && <> · taken back by {other(entry.reversed_by)}</>}
        {entry.job_id && (
          <>
            {" · "}
            <Link to="/dashboard/entries" query={{ job: entry.job_id }}>
              of one job
            </Link>
          </>
        )}
      </p>
    </li>
  );
}
