/* Why an import is not taken back, and what would have to be done first. */
import type { ApiError } from "../../client/api";

export interface Refusal {
  why: string;
  instead: string;
}

const REFUSALS: Record<string, Refusal> = {
  "job-running": {
    why: "Its job is still running.",
    instead: "Cancel the job, then take the import back.",
  },
  "import-undone": {
    why: "It was taken back before.",
    instead: "Nothing is left to do.",
  },
  "not-an-import": {
    why: "This job brought no statement.",
    instead: "Only what was uploaded can be taken back.",
  },
};

/** null: not a refusal of the books but a failure, to be shown as one. */
export function whyNotUndone(error: ApiError): Refusal | null {
  if (error.code === "import-built-on")
    return {
      why: "A later import builds on this one.",
      instead: `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`,
    };
  return REFUSALS[error.code] ?? null;
}
