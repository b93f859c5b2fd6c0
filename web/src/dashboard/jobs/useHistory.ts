/* useHistory - values over time while a view is open, so that they can be drawn. */
import { useRef } from "react";
import type { Line } from "./LineChart";

const SAMPLES_MAX = 240;

/** Adds the values of now for each name whenever `mark` changes. Far too many samples are thinned:
 * every second one goes, so that the beginning stays. */
export function useHistory(mark: unknown, values: Record<string, number>): Line[] {
  const kept = useRef<{ mark: unknown; lines: Line[] }>({ mark: null, lines: [] });
  const now = kept.current;
  if (mark !== now.mark && mark !== null && mark !== undefined) {
    const ms = performance.now();
    const before = new Map(now.lines.map((line) => [line.name, line.values]));
    const lines = Object.entries(values).map(([name, value]) => {
      const past = before.get(name) ?? [];
      const thinned = past.length < SAMPLES_MAX ? past : past.filter((_, i) => i % 2 === 0);
      return { name, values: [...thinned, { ms, value }] };
    });
    kept.current = { mark, lines };
  }
  return kept.current.lines;
}
