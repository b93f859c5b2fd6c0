/* schedule - when a job is asked after again while nobody tells about it. */

const FIRST_MS = 1000;
const GROWTH = 1.5;
const MAX_MS = 5000;
const SAME = 5;

/** The wait after the nth question (from 0): five times 1 s, five times 1.5 s, and so on by 1.5, at
 * most 5 s. */
export function pollDelayMs(n: number): number {
  return Math.min(FIRST_MS * GROWTH ** Math.floor(n / SAME), MAX_MS);
}
