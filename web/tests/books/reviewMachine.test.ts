import { describe, expect, test } from "vitest";
import {
  commandOf, keyOf, KEYS, progressOf, reduce, start, type Group, type ReviewAction,
  type ReviewState,
} from "../../src/dashboard/books/reviewMachine";

const group = (merchant: string, count = 2): Group => ({
  merchant, count, direction: "out", currency: "USD", amount: "-5.00", first_date: "2026-01-01",
  last_date: "2026-01-02", last_entry_id: "9", transaction_id: "4", description: merchant,
});
const A = group("a", 5);
const B = group("b", 3);
const C = group("c", 1);

function run(actions: ReviewAction[], from: ReviewState = start): ReviewState {
  return actions.reduce(reduce, from);
}

const names = (state: ReviewState) => state.groups.map(({ merchant }) => merchant).join("");
const loaded: ReviewAction = { type: "loaded", groups: [A, B, C] };
const answer = (id: string, of: Group, changed = of.count, single = false): ReviewAction =>
  ({ type: "answered", answer: { id, changed, account: "Expenses:Food", group: of, single } });

describe("review", () => {
  test("moves within the queue and stops at its ends", () => {
    const move = (by: number): ReviewAction => ({ type: "move", by, ones: 0 });
    expect(run([loaded, move(1), move(1), move(1)]).at).toBe(2);
    expect(run([loaded, move(-1)]).at).toBe(0);
    expect(run([move(1)]).at).toBe(0);
  });

  test("an answered group goes, and the next one is looked at", () => {
    const state = run([loaded, answer("1", A)]);
    expect([names(state), state.groups[state.at]?.merchant]).toEqual(["bc", "b"]);
    expect(progressOf(state)).toEqual({ answered: 5, waiting: 4 });
    const last = run([loaded, { type: "go", at: 2 }, answer("1", C)]);
    expect(last.groups[last.at]?.merchant).toBe("b");
  });

  test("undo takes the last answer back in one step, to where it stood", () => {
    const two = run([loaded, { type: "go", at: 1 }, answer("1", B), answer("2", C)]);
    expect(names(two)).toBe("a");
    const one = reduce(two, { type: "undone", answer: two.answers[1]! });
    expect([names(one), one.groups[one.at]?.merchant]).toEqual(["ac", "c"]);
    const none = reduce(one, { type: "undone", answer: one.answers[0]! });
    expect([names(none), none.groups[none.at]?.merchant]).toEqual(["abc", "b"]);
    expect(progressOf(none)).toEqual({ answered: 0, waiting: 9 });
  });

  test("one by one a group shrinks, goes with its last, and comes back whole step by step", () => {
    const first = run([loaded, { type: "singly" }, answer("1", A, 1, true)]);
    expect([names(first), first.groups[0]?.count, first.singly]).toEqual(["abc", 4, true]);
    const back = reduce(first, { type: "undone", answer: first.answers[0]! });
    expect(back.groups[0]?.count).toBe(5);
    const gone = run([{ type: "go", at: 2 }, answer("2", C, 1, true)], first);
    expect([names(gone), gone.singly]).toEqual(["ab", false]);
  });

  test("what is put aside waits at the end, also after the queue is read again", () => {
    const state = run([loaded, { type: "skip" }]);
    expect([names(state), state.groups[state.at]?.merchant]).toEqual(["bca", "b"]);
    expect(names(run([loaded], state))).toBe("bca");
    expect(names(run([{ type: "more", groups: [C, group("d")] }], state))).toBe("bcda");
  });

  test("reading the queue again stays with the group looked at", () => {
    const state = run([loaded, { type: "go", at: 1 }, { type: "loaded", groups: [C, A, B] }]);
    expect(state.groups[state.at]?.merchant).toBe("b");
    expect(run([{ type: "loaded", groups: [] }], state).at).toBe(0);
  });

  test("groups of one name are told apart by direction and currency", () => {
    expect(new Set([A, { ...A, direction: "in" as const }, { ...A, currency: "EUR" }].map(keyOf))
      .size).toBe(3);
  });
});

describe("keys", () => {
  const key = (name: string, more = {}) =>
    ({ key: name, ctrlKey: false, metaKey: false, altKey: false, ...more });
  const free = { typing: false, onControl: false };

  test("each does what help says", () => {
    for (const { keys, command } of KEYS)
      for (const name of keys) expect(commandOf(key(name), free)).toBe(command);
  });

  test("letters typed into a field are letters", () => {
    expect(commandOf(key("j"), { typing: true, onControl: false })).toBeNull();
    expect(commandOf(key("Escape"), { typing: true, onControl: false })).toBe("close");
  });

  test("the browser's own keys stay the browser's", () => {
    expect(commandOf(key("s", { ctrlKey: true }), free)).toBeNull();
    expect(commandOf(key("Enter"), { typing: false, onControl: true })).toBeNull();
    expect(commandOf(key("Tab"), free)).toBeNull();
  });
});
