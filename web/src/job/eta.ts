/* eta - how long a job will take, once that can be said: after 5 s and 5 %, smoothed, and not while the
 * guesses contradict each other by more than a half. Times are the caller's own clock, so that a
 * server's clock that is wrong changes nothing. */

const MIN_MS = 5000;
const MIN_FRACTION = 0.05;
const SAMPLE_MS = 500;
const WEIGHT = 0.3;
const MAX_ERROR = 0.5;
/* One wild guess in a steady run is forgiven, and the last second is any job's guess. */
const MAX_EXCESS = 1.5;
const FLOOR_MS = 1000;

/** By which part the larger guess exceeds the smaller one. */
function excess(a: number, b: number): number {
  return Math.max(a, b, FLOOR_MS) / Math.max(Math.min(a, b), FLOOR_MS) - 1;
}

export class Eta {
  private first: { ms: number; fraction: number } | null = null;
  private last = { ms: 0, fraction: 0 };
  private rate: number | null = null; /* fraction a ms */
  private leftMs: number | null = null;
  private error = 0;

  /** What is left, in ms, or null: it can't be said. */
  sample(nowMs: number, fraction: number): number | null {
    if (!this.first) {
      this.first = this.last = { ms: nowMs, fraction };
      return null;
    }
    const sinceMs = nowMs - this.last.ms;
    if (sinceMs >= SAMPLE_MS) this.measure(nowMs, sinceMs, fraction);
    return this.tell(nowMs, fraction);
  }

  private measure(nowMs: number, sinceMs: number, fraction: number) {
    const now = Math.max(fraction - this.last.fraction, 0) / sinceMs;
    this.rate = this.rate === null ? now : WEIGHT * now + (1 - WEIGHT) * this.rate;
    const leftMs = this.rate > 0 ? (1 - fraction) / this.rate : Infinity;
    if (this.leftMs !== null && Number.isFinite(leftMs)) {
      const off = excess(leftMs, this.leftMs - sinceMs);
      this.error = WEIGHT * Math.min(off, MAX_EXCESS) + (1 - WEIGHT) * this.error;
    }
    this.leftMs = leftMs;
    this.last = { ms: nowMs, fraction };
  }

  private tell(nowMs: number, fraction: number): number | null {
    if (!this.first || nowMs - this.first.ms < MIN_MS || fraction < MIN_FRACTION) return null;
    if (this.leftMs === null || !Number.isFinite(this.leftMs) || this.error > MAX_ERROR) return null;
    return Math.max(this.leftMs - (nowMs - this.last.ms), 0);
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
