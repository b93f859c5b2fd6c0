import { useState } from "react";
import type { ApiError } from "../../client/api";
import { Failure } from "../shell/States";
import { Link } from "../shell/router";
import { asApiError } from "../shell/useApi";
import { AccountName } from "./AccountName";
import { Money } from "./Money";
import { useAnswers, type Answered, type Transaction } from "./useAnswers";

type Step = "offered" | "keeping" | "kept" | "booking" | "booked";

interface Props {
  offer: NonNullable<Answered["offer"]>;
  /** Told when the rule was kept. */
  onKept?: () => void;
}

/** The rule that would have decided as a person did, and what else it would change. */
export function Offer({ offer, onKept }: Props) {
  const answers = useAnswers();
  const [step, setStep] = useState<Step>("offered");
  const [job, setJob] = useState("");
  const [error, setError] = useState<ApiError | null>(null);
  const [others, setOthers] = useState<Transaction[] | null>(null);
  const count = offer.would_change;

  const run = async (during: Step, after: Step, what: () => Promise<void>) => {
    const before = step;
    setError(null);
    setStep(during);
    try {
      await what();
      setStep(after);
    } catch (told) {
      setError(asApiError(told));
      setStep(before);
    }
  };
  const keep = () =>
    run("keeping", "kept", async () => {
      await answers.keepRule(offer.rule);
      onKept?.();
    });
  const book = () =>
    run("booking", "booked", async () => setJob((await answers.bookWaiting()).job_id));
  const look = async () => {
    if (others) return;
    const found = await Promise.all(offer.transactions.map((id) => answers.transaction(id)));
    setOthers(found.filter((txn) => txn !== null));
  };

  return (
    <section className="books-offer" aria-label="Offered rule">
      <p>
        A rule would do this from now on
        {count > 0 && (
          <>
            , and decide{" "}
            <strong>
              {offer.more ? "at least " : ""}
              {count === 1 ? "one other that waits" : `${count} others that wait`}
            </strong>
          </>
        )}
        .
      </p>
      <pre>{offer.rule}</pre>
      {offer.transactions.length > 0 && (
        <details onToggle={(event) => event.currentTarget.open && void look()}>
          <summary>What it would change</summary>
          {others === null ? <p>Loading…</p> : (
            <ul className="books-others">
              {others.map((txn) => (
                <li key={txn.id}>
                  <span className="books-date">{txn.date}</span>
                  <span className="books-text">{txn.description}</span>
                  <Money amount={txn.amount} currency={txn.currency} flow />
                  <AccountName name={txn.account} />
                </li>
              ))}
              {count > others.length && <li>and {count - others.length} more</li>}
            </ul>
          )}
        </details>
      )}
      {error && <Failure error={error} />}
      <p className="row" role="status">
        {(step === "offered" || step === "keeping") && (
          <button type="button" disabled={step === "keeping"} onClick={() => void keep()}>
            Keep this rule
          </button>
        )}
        {(step === "kept" || step === "booking") && (
          <>
            The rule is kept.{" "}
            {count > 0 && (
              <button type="button" disabled={step === "booking"} onClick={() => void book()}>
                Book what waits by it
              </button>
            )}
          </>
        )}
        {step === "booked" && (
          <>
            They are being booked: <Link to={`/dashboard/background-jobs/${job}`}>watch the job</Link>.
          </>
        )}
      </p>
    </section>
  );
}
