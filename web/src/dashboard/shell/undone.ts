/* undone - what was taken back with an import, in words. */
import type { Answered } from "../../client/api";
import { count } from "./format";

/** A large one is still at work when it is answered; then it shows under "Imports" when it is done. */
export function undoneText(undone: Answered<"post", "/api/jobs/{id}/undo">): string {
  if ("status" in undone) return "The import is being taken back: Imports says when it is done";
  const kept = undone.kept ? `, ${count(undone.kept)} stay: another import has them too` : "";
  return `Taken back: ${count(undone.removed)} transactions${kept}`;
}
