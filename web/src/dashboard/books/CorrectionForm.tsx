import { useEffect, useRef, useState } from "react";
import type { ApiError } from "../../client/api";
import { Failure } from "../shell/States";
import { asApiError } from "../shell/useApi";
import { AccountName } from "./AccountName";
import { AccountPicker, type PickerHandle } from "./AccountPicker";
import { Decision } from "./Decision";
import { presentOf, useAnswers, type Answered, type Transaction } from "./useAnswers";

interface Props {
  txn: Transaction;
  accounts: readonly string[];
  onAnswered: (answered: Answered) => void;
  /** The transaction has another entry by now. */
  onPresent: (present: Transaction) => void;
  onClose: () => void;
}

/** Corrects one transaction: an account, and whether history may learn from it. Where somebody was
 * quicker it shows what stands there now and asks again. */
export function CorrectionForm({ txn, accounts, onAnswered, onPresent, onClose }: Props) {
  const answers = useAnswers();
  const picker = useRef<PickerHandle>(null);
  const [typed, setTyped] = useState("");
  const [learn, setLearn] = useState(true);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [stale, setStale] = useState<string | null>(null);

  useEffect(() => picker.current?.focus(), []);
  const give = async (account: string) => {
    setTyped(account);
    setBusy(true);
    setError(null);
    try {
      onAnswered(await answers.one(txn, account, learn));
    } catch (told) {
      const present = presentOf(told);
      if (present) {
        setStale(account);
        onPresent(present);
      } else {
        setError(asApiError(told));
      }
      setBusy(false);
    }
  };

  if (stale !== null)
    return (
      <div className="books-stale" role="alert">
        <p>
          This changed while you looked at it: now <AccountName name={txn.account} /> (
          <Decision of={txn} />
          ).
        </p>
        <p className="row">
          <button type="button" onClick={() => { setStale(null); void give(stale); }}>
            Book it to {stale} all the same
          </button>
          <button type="button" className="quiet" onClick={onClose}>Leave it so</button>
        </p>
      </div>
    );
  return (
    <div className="books-correct" aria-busy={busy}>
      <AccountPicker
        ref={picker}
        label="Account"
        accounts={accounts}
        value={typed}
        onType={setTyped}
        onChoose={(account) => void give(account)}
        onCancel={onClose}
        suggestions={txn.suggestion ? [txn.suggestion] : []}
      />
      <label className="books-check">
        <input
          type="checkbox"
          checked={learn}
          onChange={(event) => setLearn(event.target.checked)}
        />{" "}
        Learn from this
      </label>
      <button type="button" className="quiet" onClick={onClose}>Cancel</button>
      {error && <Failure error={error} />}
    </div>
  );
}
