import type { Ref } from "react";
import { count } from "../shell/format";
import { Failure, More } from "../shell/States";
import { AccountName } from "./AccountName";
import { AccountPicker, type PickerHandle } from "./AccountPicker";
import { Decision } from "./Decision";
import { Money } from "./Money";
import type { Pages } from "../shell/usePages";
import type { Group } from "./reviewMachine";
import type { Transaction } from "./useAnswers";

const SAMPLE = 5;

interface Props {
  group: Group;
  ones: Pages<Transaction>;
  singly: boolean;
  /** Which of `ones` is looked at, where they are answered one by one. */
  at: number;
  accounts: readonly string[];
  suggestions: readonly string[];
  typed: string;
  onType: (typed: string) => void;
  learn: boolean;
  onLearn: (learn: boolean) => void;
  busy: boolean;
  onAnswer: (account: string) => void;
  onSkip: () => void;
  onSingly: () => void;
  onLeave: () => void;
  picker: Ref<PickerHandle>;
  ref: Ref<HTMLElement>;
}

/** What a doubtful rule or history would have made of it. */
function Thought({ of }: { of: Transaction }) {
  if (of.suggestion) return <> History thinks {of.suggestion}.</>;
  /* An account that nobody chose, or that a person left open: neither is a thought to go by. */
  if (of.source === "none" || of.source === "user") return null;
  return (
    <>
      {" "}
      <Decision of={of} /> thinks {of.account}.
    </>
  );
}

/** One merchant's group: what it is about, some of it, and the question where it belongs. */
export function ReviewGroup(props: Props) {
  const { group, ones, singly, at, suggestions, busy, ref } = props;
  const shown = singly ? ones.items : ones.items.slice(0, SAMPLE);
  const days =
    group.first_date === group.last_date
      ? group.last_date
      : `${group.first_date} to ${group.last_date}`;

  return (
    <section ref={ref} tabIndex={-1} className="books-group" aria-labelledby="group-name">
      <header>
        <h2 id="group-name">{group.merchant || group.description || "No description"}</h2>
        <p className="muted">
          {count(group.count)} {group.direction === "in" ? "in" : "out"} · {days} ·{" "}
          <Money amount={group.amount} currency={group.currency} flow /> together
        </p>
      </header>
      <AccountPicker
        ref={props.picker}
        label={singly ? "Account for this one" : group.count === 1 ? "Account" : `Account for all ${count(group.count)}`}
        accounts={props.accounts}
        value={props.typed}
        onType={props.onType}
        onChoose={props.onAnswer}
        onCancel={props.onLeave}
        suggestions={suggestions}
      />
      {!singly && ones.items[0] && (
        <p className="books-fine">
          <Thought of={ones.items[0]} />
        </p>
      )}
      {suggestions.length > 0 && (
        <div className="row books-suggestions" role="group" aria-label="Suggestions">
          {suggestions.slice(0, 3).map((account, i) => (
            <button key={account} type="button" disabled={busy} onClick={() => props.onAnswer(account)}>
              <AccountName name={account} /> {i === 0 && <kbd>Enter</kbd>}
            </button>
          ))}
        </div>
      )}
      <div className="row">
        <label>
          <input
            type="checkbox"
            checked={props.learn}
            onChange={(event) => props.onLearn(event.target.checked)}
          />{" "}
          Learn from this <kbd>l</kbd>
        </label>
        <button type="button" className="quiet" onClick={props.onSkip}>
          Put aside <kbd>s</kbd>
        </button>
        {group.count > 1 && (
          <button type="button" className="quiet" aria-pressed={singly} onClick={props.onSingly}>
            One by one <kbd>o</kbd>
          </button>
        )}
      </div>
      {ones.error && <Failure error={ones.error} retry={ones.reload} />}
      <ul className="books-ones" aria-label={singly ? "One by one" : "Some of them"}>
        {shown.map((txn, i) => (
          <li key={txn.id} aria-current={singly && i === at ? "true" : undefined}>
            <span className="books-date">{txn.date}</span>
            <span className="books-what">
              <span className="books-text">{txn.description || "no description"}</span>
              <span className="books-fine">
                <AccountName name={txn.bank_account} />
                {singly && <Thought of={txn} />}
              </span>
            </span>
            <Money amount={txn.amount} currency={txn.currency} flow />
          </li>
        ))}
      </ul>
      {singly ? (
        <More more={ones.more} loading={ones.loading} what="of them" />
      ) : (
        group.count > shown.length &&
        shown.length > 0 && <p className="muted">and {count(group.count - shown.length)} more</p>
      )}
    </section>
  );
}
