/* labels - every word that <JobProgress> says, so that an application can say it in its language. */
import type { Job, Status } from "../client/api";
import { aboutText } from "./eta";
import type { Connection } from "./watch";

const STATUS: Record<Status, string> = {
  pending: "Job queued",
  running: "Running",
  complete: "Complete",
  failed: "Failed",
  cancelled: "Cancelled",
};

/* The name of a job that has none yet; how it stands where the status alone would not tell. */
const STANDING = {
  job: "Job",
  warned: "Complete, with warnings",
  expired: "Expired",
  refused: "Not available",
};

const CONNECTION: Partial<Record<Connection, string>> = {
  offline: "Reconnecting…",
  stalled: "Nothing moves: daybook's broker does not answer",
  paused: "Paused while hidden",
};

const STAGES: Record<string, string> = {
  parse: "Read",
  validate: "Check",
  insert: "Store",
  fetch: "Find",
  rules: "Apply rules",
  llm: "Ask the model",
  journal: "Book",
};

/* In the order in which they are shown; what a result holds besides is for programs. */
const RESULTS: Record<string, string> = {
  parsed: "Rows read",
  rejected: "Rejected",
  duplicates: "Already there",
  inserted: "Stored",
  journal_entries_created: "Entries booked",
  je_created: "Entries booked",
  high_confidence: "Sure",
  needs_review: "To review",
  changed_meanwhile: "Changed meanwhile",
};

const number = (n: number) => n.toLocaleString();

export const LABELS = {
  status: (status: Status) => STATUS[status],
  ...STANDING,
  connection: (connection: Connection) => CONNECTION[connection] ?? "",
  stage: (name: string) => STAGES[name] ?? name,
  results: RESULTS,
  count: (done: number, total: number) => `${number(done)} of ${number(total)}`,
  number,
  percent: (progress: number) => `${progress} %`,
  left: (ms: number) => `${aboutText(ms)} left`,
  late: "longer than expected",
  waiting: (reason: string) => reason,
  line: (row: number) => `Line ${row}`,
  attempt: (attempt: Job["attempt"]) => `Attempt ${attempt}`,
  cancel: "Cancel",
  cancelling: "Cancelling…",
  confirm: "Rows that are stored stay booked. Stop here?",
  stop: "Stop",
  goOn: "Go on",
  retry: "Try again",
  retrying: "Trying again…",
};

export type Labels = typeof LABELS;
