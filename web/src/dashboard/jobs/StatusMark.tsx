/* StatusMark - a job's status as a word with its colour. */
import type { Job } from "../../client/api";

const TONE: Record<Job["status"], string> = {
  pending: "muted",
  running: "",
  complete: "good",
  failed: "bad",
  cancelled: "warn",
};

export function StatusMark({ status }: { status: Job["status"] }) {
  return <span className={`badge ${TONE[status]}`}>{status}</span>;
}
