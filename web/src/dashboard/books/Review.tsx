import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { ApiError } from "../../client/api";
import { count, isolated } from "../shell/format";
import { Empty, Failure, Loading } from "../shell/States";
import { Link } from "../shell/router";
import { useScope } from "../shell/scope";
import { asApiError, useApi } from "../shell/useApi";
import { useKeptFocus } from "../shell/useKeptFocus";
import type { PickerHandle } from "./AccountPicker";
import "./books.css";
import { KeyHelp } from "./KeyHelp";
import { LastAnswer } from "./LastAnswer";
import { ReviewGroup } from "./ReviewGroup";
import { ReviewProgress } from "./ReviewProgress";
import { ReviewQueue } from "./ReviewQueue";
import { commandOf, type Command, type Group, keyOf, reduce, start } from "./reviewMachine";
import { useAccounts } from "../shell/useAccounts";
import { type Answered, presentOf, type Transaction, useAnswers } from "./useAnswers";
import { useGroupTransactions } from "./useGroupTransactions";

const QUEUE = 200;
const FEW = 10; // left of a queue that has more: read it again
const UNCATEGORISED = /:Uncategorised$/;

/** What could be meant: what history or a doubtful rule thought of, then the last answers here. */
function suggestionsFor(ones: readonly Transaction[], recent: readonly string[]): string[] {
  const thought = ones.flatMap((txn) => [
    ...(txn.suggestion ? [txn.suggestion] : []),
    ...(UNCATEGORISED.test(txn.account) ? [] : [txn.account]),
  ]);
  return [...new Set([...thought, ...recent])];
}

/** What waits for a person, merchant by merchant, by keyboard alone. */
export default function Review() {
  const { tenant, company } = useScope();
  const answers = useAnswers();
  const accounts = useAccounts();
  const [state, dispatch] = useReducer(reduce, start);
  const [typed, setTyped] = useState("");
  const [learn, setLearn] = useState(true);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [note, setNote] = useState("");
  const [told, setTold] = useState<Answered | null>(null);
  const picker = useRef<PickerHandle>(null);
  const view = useRef<HTMLDivElement>(null);
  const card = useRef<HTMLElement>(null);
  const offer = useRef<HTMLDivElement>(null);

  const queue = useApi("review", (client, signal) =>
    client.get("/api/transactions", {
      query: {
        tenant_id: tenant, company_id: company, status: "needs_review", group: "merchant",
        limit: QUEUE,
      },
      signal,
    }),
  );
  const { data, reload } = queue;
  useEffect(() => {
    if (data) dispatch({ type: "loaded", groups: data.items as Group[] });
  }, [data]);
  const more = Boolean(data?.next_cursor);
  useEffect(() => {
    if (more && state.groups.length < FEW) reload();
  }, [more, state.groups.length, reload]);

  const group = state.groups[state.at] ?? null;
  const ones = useGroupTransactions(group);
  const one = state.singly ? (ones.items[state.one] ?? null) : null;
  const last = state.answers[state.answers.length - 1] ?? null;
  const recent = [...state.answers].reverse().map((answer) => answer.account);
  const suggestions = suggestionsFor(one ? [one] : ones.items, recent);

  /* With a group goes what has the focus in it. */
  const act = useKeptFocus(() => card.current ?? view.current);
  const attempt = async (what: () => Promise<void>) => {
    act();
    setBusy(true);
    setError(null);
    setNote("");
    try {
      await what();
    } catch (thrown) {
      const present = presentOf(thrown);
      if (present) {
        setNote(`Somebody was quicker: ${isolated(present.description)} is booked to ${present.account}.`);
        reload();
        ones.reload();
      } else if (thrown instanceof ApiError && thrown.code === "group-empty") {
        setNote("Nothing of this merchant waits any more.");
        reload();
      } else {
        setError(asApiError(thrown));
      }
    }
    setBusy(false);
  };

  const answer = (account: string) => {
    if (!group || busy) return;
    if (state.singly && !one) return;
    void attempt(async () => {
      const reply = one
        ? await answers.one(one, account, learn)
        : await answers.group(group, account, learn);
      setTyped("");
      setTold(reply);
      if (one) ones.patch((items) => items.filter((item) => item.id !== one.id));
      dispatch({
        type: "answered",
        answer: {
          id: reply.answer_id, changed: reply.changed, account, group, single: one !== null,
        },
      });
      reload(); // what is left of a group, and what was booked meanwhile
    });
  };
  const undo = () => {
    if (!last || busy) return;
    void attempt(async () => {
      await answers.undo(last.id);
      setTold(null);
      dispatch({ type: "undone", answer: last });
      reload(); // its entries have new numbers
      if (last.single) ones.reload();
    });
  };
  const showOffer = () => {
    const details = offer.current?.querySelector("details");
    if (!details) return;
    details.open = true;
    details.querySelector("button")?.focus();
  };

  const commands: Record<Command, () => void> = {
    next: () => dispatch({ type: "move", by: 1, ones: ones.items.length }),
    previous: () => dispatch({ type: "move", by: -1, ones: ones.items.length }),
    search: () => picker.current?.focus(),
    accept: () => (suggestions[0] ? answer(suggestions[0]) : picker.current?.focus()),
    undo,
    skip: () => {
      act();
      dispatch({ type: "skip" });
    },
    singly: () => dispatch({ type: "singly" }),
    learn: () => setLearn((before) => !before),
    rule: showOffer,
    help: () => dispatch({ type: "help" }),
    close: () => {
      dispatch({ type: "help", open: false });
      card.current?.focus({ preventScroll: true });
    },
  };
  const latest = useRef(commands);
  latest.current = commands;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (event.defaultPrevented || target?.closest("dialog")) return;
      const command = commandOf(event, {
        typing: target?.matches("input:not([type=checkbox]), textarea, select") ?? false,
        onControl: target?.closest("button, a, summary, input") != null,
      });
      if (!command) return;
      event.preventDefault();
      latest.current[command]();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
  const closeHelp = useCallback(() => dispatch({ type: "help", open: false }), []);

  return (
    <div ref={view} tabIndex={-1} className="books" aria-busy={busy || queue.loading}>
      <div className="row spread books-title">
        <h1>Review</h1>
        <button type="button" className="quiet" onClick={() => dispatch({ type: "help", open: true })}>
          Keys <kbd>?</kbd>
        </button>
      </div>
      <ReviewProgress state={state} more={more} />
      <div ref={offer}>
        {last && (
          <LastAnswer
            key={last.id}
            answer={last}
            offer={told?.answer_id === last.id ? told.offer : null}
            onUndo={undo}
          />
        )}
      </div>
      {note && <p role="status" className="books-note">{note}</p>}
      {error && <Failure error={error} />}
      {queue.error && <Failure error={queue.error} retry={reload} />}
      {!data && queue.loading && <Loading what="what waits" />}
      {data && state.groups.length === 0 && !queue.loading && (
        <Empty title="Nothing waits for review">
          <p>
            {last ? `${count(state.answers.length)} answers given here. ` : ""}
            <Link to="/dashboard/balances">See the balances</Link>
          </p>
        </Empty>
      )}
      {group && (
        <div className="books-review">
          <ReviewQueue
            groups={state.groups}
            at={state.at}
            skipped={state.skipped}
            onGo={(at) => dispatch({ type: "go", at })}
          />
          <ReviewGroup
            key={keyOf(group)}
            ref={card}
            picker={picker}
            group={group}
            ones={ones}
            singly={state.singly}
            at={state.one}
            accounts={accounts}
            suggestions={suggestions}
            typed={typed}
            onType={setTyped}
            learn={learn}
            onLearn={setLearn}
            busy={busy}
            onAnswer={answer}
            onSkip={commands.skip}
            onSingly={commands.singly}
            onLeave={() => {
              setTyped("");
              card.current?.focus({ preventScroll: true });
            }}
          />
        </div>
      )}
      {state.help && <KeyHelp onClose={closeHelp} />}
    </div>
  );
}
