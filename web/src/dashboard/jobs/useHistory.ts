/* useHistory - values over time while a view is open, so that they can be drawn. */
import { useRef } from "react";
import { type Line, added } from "./chartScale";

const SAMPLES_MAX = 240;

/** Adds the values of now for each name whenever `mark` changes. */
export function useHistory(mark: unknown, values: Record<string, number>): Line[] {
  const kept = useRef<{ mark: unknown; lines: Line[] }>({ mark: null, lines: [] });
  if (mark !== kept.current.mark && mark !== null && mark !== undefined)
    kept.current = { mark, lines: added(kept.current.lines, values, performance.now(), SAMPLES_MAX) };
  return kept.current.lines;
}
