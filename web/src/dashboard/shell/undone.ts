/* undone - what the API said when an import was to be taken back, in words. */
import type { Answered } from "../../client/api";
import { count } from "./format";

export function undoneText(told: Answered<"post", "/api/jobs/{id}/undo">): string {
  if (!("removed" in told)) return "It is large: it goes on being taken back";
  const kept = told.kept ? `, ${count(told.kept)} stay: another import has them too` : "";
  return `Taken back: ${count(told.removed)} transaction${told.removed === 1 ? "" : "s"}${kept}`;
}
