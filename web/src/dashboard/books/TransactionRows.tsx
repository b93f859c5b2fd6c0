import { useRef, useState } from "react";
import type { ApiError } from "../../client/api";
import { Failure } from "../shell/States";
import { Link } from "../shell/router";
import { asApiError } from "../shell/useApi";
import { AccountName } from "./AccountName";
import { CorrectionForm } from "./CorrectionForm";
import { Decision } from "./Decision";
import { Money } from "./Money";
import { Offer } from "./Offer";
import { useAnswers, type Answered, type Transaction } from "./useAnswers";

const COLUMNS = 4;

interface Props {
  txn: Transaction;
  accounts: readonly string[];
  onChange: (txn: Transaction) => void;
}

/** A transaction, and below it what is being done with it: its correction, then what follows. */
export function TransactionRows({ txn, accounts, onChange }: Props) {
  const answers = useAnswers();
  const change = useRef<HTMLButtonElement>(null);
  const [editing, setEditing] = useState(false);
  const [answered, setAnswered] = useState<Answered | null>(null);
  const [error, setError] = useState<ApiError | null>(null);

  const close = () => {
    setEditing(false);
    change.current?.focus();
  };
  const undo = async (answer: string) => {
    setError(null);
    try {
      await answers.undo(answer);
      const now = await answers.transaction(txn.id);
      if (now) onChange(now);
      setAnswered(null);
      change.current?.focus();
    } catch (told) {
      setError(asApiError(told));
    }
  };

  return (
    <>
      <tr role="row" className={txn.status === "needs_review" ? "books-waits" : undefined}>
        <td role="cell" className="books-date">{txn.date}</td>
        <td role="cell" className="books-what">
          <span className="books-text">{txn.description || "no description"}</span>
          <span className="books-fine">
            <AccountName name={txn.bank_account} />
            {txn.reference && <> · {txn.reference}</>} ·{" "}
            <Link to="/dashboard/entries" query={{ transaction: txn.id }}>entries</Link>
          </span>
        </td>
        <td role="cell" className="number">
          <Money amount={txn.amount} currency={txn.currency} flow />
        </td>
        <td role="cell" className="books-decided">
          <button
            ref={change}
            type="button"
            className="books-link"
            aria-expanded={editing}
            aria-label={`${txn.account}: change the account of ${txn.description}`}
            onClick={() => setEditing(!editing)}
          >
            <AccountName name={txn.account} />
          </button>
          <span className="books-fine">
            <Decision of={txn} />
            {txn.status === "needs_review" && <span className="badge warn">Needs review</span>}
            {txn.suggestion && <> · history thinks {txn.suggestion}</>}
          </span>
        </td>
      </tr>
      {editing && (
        <tr role="row" className="books-below">
          <td role="cell" colSpan={COLUMNS}>
            <CorrectionForm
              txn={txn}
              accounts={accounts}
              onAnswered={(told) => {
                setAnswered(told);
                onChange(told.transaction);
                close();
              }}
              onPresent={onChange}
              onClose={close}
            />
          </td>
        </tr>
      )}
      {answered && (
        <tr role="row" className="books-below">
          <td role="cell" colSpan={COLUMNS}>
            <p className="row" role="status">
              <span>
                Booked to <AccountName name={answered.transaction.account} />.
              </span>
              <button type="button" onClick={() => void undo(answered.answer_id)}>Undo</button>
              <button type="button" className="quiet" onClick={() => setAnswered(null)}>
                Close
              </button>
            </p>
            {error && <Failure error={error} />}
            {answered.offer && <Offer offer={answered.offer} />}
          </td>
        </tr>
      )}
    </>
  );
}
