/* chartScale - where values over time lie in a chart, and which of them its table names. */
import { ticks } from "../shell/scale";

export interface Point {
  ms: number;
  value: number;
}

export interface Line {
  name: string;
  values: Point[];
}

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Scale {
  /** Of the axis: round, from 0 to what reaches the largest value. */
  ticks: number[];
  spanMs: number;
  x: (ms: number) => number;
  y: (value: number) => number;
}

/** Null while there is no time between the first and the last value. */
export function scaleOf(lines: readonly Line[], max: number, box: Box): Scale | null {
  const times = lines.flatMap((line) => line.values.map((point) => point.ms));
  const from = Math.min(...times);
  const spanMs = Math.max(...times) - from;
  if (!(spanMs > 0)) return null;
  const marks = ticks(max > 0 ? max : 1, 2);
  const top = marks.at(-1) ?? 1;
  return {
    ticks: marks,
    spanMs,
    x: (ms) => box.left + ((ms - from) / spanMs) * (box.right - box.left),
    y: (value) => box.bottom - (value / top) * (box.bottom - box.top),
  };
}

/** At most `most` of the values, evenly chosen, with the first and the last. */
export function chosen<T>(values: readonly T[], most: number): T[] {
  if (values.length <= most) return [...values];
  const step = (values.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, i) => values[Math.round(i * step)] as T);
}

/** Adds a value of now to each line. Far too many are thinned: every second one goes, so that the
 * beginning stays and the last one too. */
export function added(
  lines: readonly Line[],
  values: Readonly<Record<string, number>>,
  ms: number,
  most: number,
): Line[] {
  const before = new Map(lines.map((line) => [line.name, line.values]));
  return Object.entries(values).map(([name, value]) => {
    const past = before.get(name) ?? [];
    const kept = past.length < most ? past : past.filter((_, i) => i % 2 === 0);
    return { name, values: [...kept, { ms, value }] };
  });
}

export function seconds(ms: number): string {
  if (ms > 0 && ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
