/* scripted - a server that does what the test says: answers, drops, falls silent, repeats itself. It
 * stands behind the client's `fetch`. */
import type { Job, Status } from "../../src/client/api";

export interface Call {
  atMs: number;
  method: string;
  path: string;
  headers: Record<string, string>;
}

export interface Refusal {
  status: number;
  code: string;
  retryAfterS?: number;
}

const STAGES = ["parse", "validate", "insert", "rules", "llm", "journal"];
const SHARES = [20, 10, 20, 20, 20, 10];

/** A record of an upload that is `progress` per cent through 1,000 rows. */
export function jobAt(progress: number, change: string, status: Status = "running"): Job {
  const ended = status !== "pending" && status !== "running";
  return {
    id: "job_1",
    type: "upload-and-categorize",
    tenant_id: "t1",
    company_id: "acme",
    status,
    progress,
    stage: status === "running" ? "rules" : null,
    message: `Processing transaction ${progress * 10}/1000...`,
    stages: STAGES.map((name, i) => ({
      name,
      done: progress * 10,
      total: status === "pending" ? 0 : 1000,
      share: SHARES[i] ?? 0,
      state: progress >= 100 ? "complete" : "running",
    })),
    result: null,
    error: null,
    change,
    waiting: null,
    meta: { file_name: "may.csv", bytes: 1000 },
    attempt: 1,
    created_at: "2026-05-01T00:00:00.000Z",
    started_at: null,
    finished_at: ended ? "2026-05-01T00:01:00.000Z" : null,
    expires_at: null,
  };
}

class Stream {
  private readonly encoder = new TextEncoder();
  private control: ReadableStreamDefaultController<Uint8Array> | null = null;
  open = true;
  readonly body = new ReadableStream<Uint8Array>({
    start: (control) => {
      this.control = control;
    },
    cancel: () => {
      this.open = false;
    },
  });

  constructor(signal: AbortSignal | null | undefined) {
    signal?.addEventListener("abort", () => {
      if (this.open) this.control?.error(new DOMException("aborted", "AbortError"));
      this.open = false;
    });
  }
  write(text: string) {
    if (this.open) this.control?.enqueue(this.encoder.encode(text));
  }
  end(error?: Error) {
    if (this.open && error) this.control?.error(error);
    else if (this.open) this.control?.close();
    this.open = false;
  }
}

export class Scripted {
  readonly calls: Call[] = [];
  readonly streams: Stream[] = [];
  job: Job = jobAt(0, "1-1", "pending");
  /** What every call is answered with instead; "gone": no answer at all. */
  refusal: Refusal | "gone" | null = null;
  /** The same for the stream of events alone. */
  streamRefusal: Refusal | "gone" | null = null;
  /** The stream is taken and nothing is ever said on it. */
  mute = false;
  answerMs = 0;

  readonly fetch: typeof fetch = async (input, init) => {
    const path = String(input);
    const headers = (init?.headers ?? {}) as Record<string, string>;
    this.calls.push({ atMs: performance.now(), method: init?.method ?? "GET", path, headers });
    if (this.answerMs > 0) await this.pause(init?.signal);
    const events = path.endsWith("/events");
    const refusal = (events && this.streamRefusal) || this.refusal;
    if (refusal === "gone") throw new TypeError("failed to fetch");
    if (refusal) return this.problem(refusal);
    if (!events) return Response.json(this.job);
    const stream = new Stream(init?.signal);
    this.streams.push(stream);
    if (!this.mute) stream.write(`retry: 1000\n${this.event(this.job)}`);
    return new Response(stream.body, { headers: { "Content-Type": "text/event-stream" } });
  };

  private pause(signal: AbortSignal | null | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      setTimeout(resolve, this.answerMs);
      signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  }

  private problem({ status, code, retryAfterS }: Refusal): Response {
    return Response.json(
      { type: `urn:daybook:problem:${code}`, title: code, status, detail: `refused: ${code}`, code, errors: [] },
      {
        status,
        headers: {
          "Content-Type": "application/problem+json",
          ...(retryAfterS === undefined ? {} : { "Retry-After": String(retryAfterS) }),
        },
      },
    );
  }

  event(job: Job): string {
    return `id: ${job.change}\ndata: ${JSON.stringify(job)}\n\n`;
  }

  /** A new record, told on every open stream. */
  tell(job: Job) {
    this.job = job;
    for (const stream of this.streams) stream.write(this.event(job));
  }
  /** Words on the streams that leave the record as it is. */
  say(text: string) {
    for (const stream of this.streams) stream.write(text);
  }
  drop() {
    for (const stream of this.streams) stream.end(new TypeError("network error"));
  }
  get open(): number {
    return this.streams.filter((stream) => stream.open).length;
  }
  /** When questions were asked, counted from the first. */
  get asked(): number[] {
    const times = this.calls.filter((call) => !call.path.endsWith("/events")).map((call) => call.atMs);
    return times.map((ms) => ms - (times[0] ?? 0));
  }
  get listened(): Call[] {
    return this.calls.filter((call) => call.path.endsWith("/events"));
  }
}

/** The page as the user has it: in front, or behind another tab. */
export function show(state: "visible" | "hidden") {
  Object.defineProperty(document, "visibilityState", { configurable: true, value: state });
  document.dispatchEvent(new Event("visibilitychange"));
}
