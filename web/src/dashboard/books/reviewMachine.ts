/* The review as a machine: what is looked at, what was answered, and what each key does. No React
 * and no requests, so that all of it can be tested. */

/** A merchant's transactions that wait, as the API groups them. */
export interface Group {
  merchant: string;
  direction: "in" | "out";
  currency: string;
  count: number;
  amount: string;
  first_date: string;
  last_date: string;
  last_entry_id: string;
  transaction_id: string;
  description: string;
}

/** What was answered, newest last; `u` takes the last one back. */
export interface Answer {
  id: string;
  /** How many transactions it decided. */
  changed: number;
  account: string;
  group: Group;
  /** Where the group stood, so that undo puts it there again. */
  place: number;
  /** A single one of its transactions. */
  single: boolean;
}

export interface ReviewState {
  groups: Group[];
  /** Index of the group looked at; groups.length is never reached while there are any. */
  at: number;
  /** Groups put aside by `s`, by key: they stay at the end of the queue. */
  skipped: string[];
  answers: Answer[];
  /** One by one instead of the whole group, and which of them. */
  singly: boolean;
  one: number;
  help: boolean;
}

export type ReviewAction =
  | { type: "loaded"; groups: Group[] }
  | { type: "more"; groups: Group[] }
  | { type: "move"; by: number; ones: number }
  | { type: "go"; at: number }
  | { type: "skip" }
  | { type: "singly" }
  | { type: "help"; open?: boolean }
  | { type: "answered"; answer: Omit<Answer, "place"> }
  | { type: "undone"; answer: Answer };

export const start: ReviewState = {
  groups: [],
  at: 0,
  skipped: [],
  answers: [],
  singly: false,
  one: 0,
  help: false,
};

export function keyOf(group: Pick<Group, "merchant" | "direction" | "currency">): string {
  return JSON.stringify([group.merchant, group.direction, group.currency]);
}

function within(value: number, length: number): number {
  return Math.max(0, Math.min(value, length - 1));
}

/** Those put aside stand at the end, in the order in which they were. */
function inOrder(groups: Group[], skipped: string[]): Group[] {
  const aside = new Map(groups.map((group) => [keyOf(group), group]));
  const last = skipped.flatMap((key) => aside.get(key) ?? []);
  const set = new Set(last);
  return [...groups.filter((group) => !set.has(group)), ...last];
}

function at(state: ReviewState, groups: Group[], index: number): ReviewState {
  return { ...state, groups, at: within(index, groups.length), one: 0 };
}

function answered(state: ReviewState, answer: Omit<Answer, "place">): ReviewState {
  const key = keyOf(answer.group);
  const place = state.groups.findIndex((group) => keyOf(group) === key);
  const answers = [...state.answers, { ...answer, place: Math.max(place, 0) }];
  const left = answer.single ? answer.group.count - answer.changed : 0;

  if (place === -1) return { ...state, answers };
  if (left > 0) {
    const groups = state.groups.map((group, i) =>
      i === place ? { ...group, count: left } : group,
    );
    return { ...state, groups, answers };
  }
  const groups = state.groups.filter((_, i) => i !== place);
  return {
    ...at(state, groups, state.at > place ? state.at - 1 : state.at),
    answers,
    skipped: state.skipped.filter((one) => one !== key),
    singly: false,
  };
}

function undone(state: ReviewState, answer: Answer): ReviewState {
  const answers = state.answers.filter((one) => one.id !== answer.id);
  const known = state.groups.findIndex((group) => keyOf(group) === keyOf(answer.group));

  if (known !== -1) {
    const groups = state.groups.map((group, i) => (i === known ? answer.group : group));
    return { ...at(state, groups, known), answers };
  }
  const place = Math.min(answer.place, state.groups.length);
  const groups = [...state.groups.slice(0, place), answer.group, ...state.groups.slice(place)];
  return { ...at(state, groups, place), answers };
}

function skip(state: ReviewState): ReviewState {
  const group = state.groups[state.at];
  if (!group) return state;
  const key = keyOf(group);
  const skipped = [...state.skipped.filter((one) => one !== key), key];
  const groups = [...state.groups.filter((_, i) => i !== state.at), group];
  return { ...at(state, groups, state.at), skipped, singly: false };
}

export function reduce(state: ReviewState, action: ReviewAction): ReviewState {
  switch (action.type) {
    case "loaded": {
      const here = state.groups[state.at];
      const groups = inOrder(action.groups, state.skipped);
      const again = here ? groups.findIndex((group) => keyOf(group) === keyOf(here)) : -1;
      return { ...state, groups, at: again === -1 ? within(state.at, groups.length) : again };
    }
    case "more": {
      const known = new Set(state.groups.map(keyOf));
      const fresh = action.groups.filter((group) => !known.has(keyOf(group)));
      return { ...state, groups: inOrder([...state.groups, ...fresh], state.skipped) };
    }
    case "move":
      return state.singly
        ? { ...state, one: within(state.one + action.by, action.ones) }
        : at(state, state.groups, state.at + action.by);
    case "go":
      return { ...at(state, state.groups, action.at), singly: false };
    case "skip":
      return skip(state);
    case "singly":
      return { ...state, singly: !state.singly, one: 0 };
    case "help":
      return { ...state, help: action.open ?? !state.help };
    case "answered":
      return answered(state, action.answer);
    case "undone":
      return undone(state, action.answer);
  }
}

/* ---- keys ---- */

export type Command =
  | "next" | "previous" | "search" | "accept" | "undo" | "skip" | "singly" | "learn" | "rule"
  | "help" | "close";

export const KEYS: readonly { keys: string[]; command: Command; says: string }[] = [
  { keys: ["j", "ArrowDown"], command: "next", says: "Next" },
  { keys: ["k", "ArrowUp"], command: "previous", says: "Previous" },
  { keys: ["/"], command: "search", says: "Search an account" },
  { keys: ["Enter"], command: "accept", says: "Answer with the account chosen" },
  { keys: ["o"], command: "singly", says: "One by one, or the whole group again" },
  { keys: ["s"], command: "skip", says: "Put aside, to the end of the queue" },
  { keys: ["l"], command: "learn", says: "Let history learn from it, or not" },
  { keys: ["r"], command: "rule", says: "Look at the rule that is offered" },
  { keys: ["u"], command: "undo", says: "Take the last answer back" },
  { keys: ["?"], command: "help", says: "These keys" },
  { keys: ["Escape"], command: "close", says: "Close" },
];

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** What a key means; null: nothing here. While a field is typed in, only Escape is ours; on a
 * button or link Enter is the browser's. */
export function commandOf(
  pressed: Pressed, { typing, onControl }: { typing: boolean; onControl: boolean },
): Command | null {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return null;
  if (typing && pressed.key !== "Escape") return null;
  if (onControl && pressed.key === "Enter") return null;
  return KEYS.find(({ keys }) => keys.includes(pressed.key))?.command ?? null;
}

/** How far the queue is, from what was answered here and what still waits. */
export function progressOf(state: ReviewState): { answered: number; waiting: number } {
  const answered = state.answers.reduce((total, answer) => total + answer.changed, 0);
  const waiting = state.groups.reduce((total, group) => total + group.count, 0);
  return { answered, waiting };
}
