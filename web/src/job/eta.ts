/* eta - how long a job will take, once that can be said: after 5 s and 5 %, smoothed, and not while the
 * guesses contradict each other by more than a half or nothing moves. Times are the caller's own clock, so that a
 * server's clock that is wrong changes nothing. */

const MIN_MS = 5000;
const MIN_FRACTION = 0.05;
const SAMPLE_MS = 500;
const SMOOTH_MS = 10_000;
const MAX_ERROR = 0.5;
/* What has not moved for so long may stand for ever. */
const STILL_MS = 10_000;
/* Late: it has taken twice as long as was said first, and no less than 10 s more. */
const LATE_FACTOR = 2;
const LATE_MIN_MS = 10_000;

export class Eta {
  private firstMs: number | null = null;
  private last = { ms: 0, fraction: 0 };
  private movedMs = 0;
  private rate = 0; /* fraction a ms */
  private end: { ms: number; smoothMs: number } | null = null;
  private lateMs = Infinity; /* from then on it is late */

  /** What is left, in ms, or null: it can't be said. */
  sample(nowMs: number, fraction: number): number | null {
    if (this.firstMs === null) {
      this.firstMs = this.movedMs = nowMs;
      this.last = { ms: nowMs, fraction };
      return null;
    }
    if (nowMs - this.last.ms >= SAMPLE_MS) this.measure(nowMs, nowMs - this.firstMs, fraction);
    const leftMs = this.tell(nowMs, nowMs - this.firstMs, fraction);
    if (leftMs !== null && this.lateMs === Infinity)
      this.lateMs = nowMs + Math.max(leftMs * LATE_FACTOR, leftMs + LATE_MIN_MS);
    return leftMs;
  }

  /** Does it take longer than was first expected? */
  isLate(nowMs: number): boolean {
    return nowMs > this.lateMs;
  }

  /** A plain mean at first, later one in which the last 10 s weigh most. */
  private measure(nowMs: number, ageMs: number, fraction: number) {
    const sinceMs = nowMs - this.last.ms;
    const done = Math.max(fraction - this.last.fraction, 0);
    const weight = Math.max(1 - Math.exp(-sinceMs / SMOOTH_MS), sinceMs / ageMs);
    this.rate += weight * (done / sinceMs - this.rate);
    if (done > 0) this.movedMs = nowMs;
    this.last = { ms: nowMs, fraction };
    if (this.rate <= 0) return;
    const ms = nowMs + (1 - fraction) / this.rate;
    const before = this.end?.smoothMs ?? ms;
    this.end = { ms, smoothMs: before + weight * (ms - before) };
  }

  private tell(nowMs: number, ageMs: number, fraction: number): number | null {
    if (!this.end || ageMs < MIN_MS || fraction < MIN_FRACTION) return null;
    const leftMs = Math.max(this.end.ms - nowMs, 0);
    const isWild = Math.abs(this.end.ms - this.end.smoothMs) > MAX_ERROR * leftMs;
    return isWild || nowMs - this.movedMs > STILL_MS ? null : leftMs;
  }
}

/** "about 2 minutes": rounded as far as it can be trusted. */
export function aboutText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return "a few seconds";
  if (seconds < 55) return `about ${Math.round(seconds / 10) * 10} seconds`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return minutes === 1 ? "about a minute" : `about ${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours === 1 ? "about an hour" : `about ${hours} hours`;
}
