/* server - a scripted daybook: its answers are what a test says, its streams are written by hand. */
import type { Job } from "../../src/client/api";

export const ID = "job_01JD8ZQ6V3C9X4N8M2K7T5R1WB";
const STAGES = ["parse", "validate", "insert", "rules", "llm", "journal"];
const SHARES = [20, 10, 20, 20, 20, 10];

/** A record as the API tells it: `done` of 1000 rows through the first stages. */
export function record(count: number, changes: Partial<Job> = {}): Job {
  const status = changes.status ?? "running";
  const progress = status === "complete" ? 100 : status === "pending" ? 0 : (changes.progress ?? 45);
  const stages: Job["stages"] = STAGES.map((name, i) => ({
    name,
    share: SHARES[i] ?? 0,
    total: 1000,
    done: progress * 10,
    state: progress === 100 ? "complete" : "running",
    units: { done: Math.floor(progress / 50), queued: 0, in_flight: 0, failures: 0 },
  }));
  return {
    id: ID,
    type: "upload-and-categorize",
    tenant_id: "t1",
    company_id: "acme",
    status,
    progress,
    stage: status === "pending" ? null : "rules",
    message: `Processing transaction ${progress * 10}/1000...`,
    stages,
    result: null,
    error: null,
    change: `3-${count}`,
    waiting: null,
    ending: null,
    meta: { file_name: "may.csv", bytes: 191022 },
    attempt: 1,
    created_at: "2026-11-23T10:00:00.000Z",
    started_at: "2026-11-23T10:00:00.012Z",
    finished_at: null,
    expires_at: null,
    ...changes,
  };
}

export const RESULT = {
  parsed: 1000, rejected: 3, inserted: 990, duplicates: 7, categorized: 900, by_rules: 900,
  by_history: 0, by_llm: 0, high_confidence: 880, needs_review: 110, je_created: 990,
  first_date: "2026-05-01", last_date: "2026-05-31", assumed: [], warnings: [], profile: null,
  possible_duplicates: [], elapsed_ms: 41,
} satisfies Job["result"];

export const ERROR = {
  code: "date-order-ambiguous",
  message: "days and months of this file cannot be told apart",
  stage: "parse",
  row: 17,
  hint: "upload it again with date_order",
};

export function aborted(): DOMException {
  return new DOMException("aborted", "AbortError");
}

export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: new Headers(headers),
    body: null,
    json: () => Promise.resolve(body),
  } as Response;
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  const detail = `because of ${code}`;
  const type = `urn:daybook:problem:${code}`;
  return answer(status, { type, title: code, status, detail, code, errors: [] }, headers);
}

/** One open event stream, written by the test. */
export class Stream {
  private writer!: ReadableStreamDefaultController<Uint8Array>;
  private readonly body = new ReadableStream<Uint8Array>({ start: (writer) => (this.writer = writer) });

  constructor(readonly call: Call) {
    call.signal?.addEventListener("abort", () => this.writer.error(aborted()));
  }
  response(): Response {
    return { ...answer(200, null), body: this.body } as Response;
  }
  bytes(bytes: Uint8Array) {
    this.writer.enqueue(bytes);
  }
  text(text: string) {
    this.bytes(new TextEncoder().encode(text));
  }
  comment(words = "") {
    this.text(`:${words && " "}${words}\n\n`);
  }
  event(job: Job) {
    this.text(`id: ${job.change}\ndata: ${JSON.stringify(job)}\n\n`);
  }
  /** The server has said all. */
  close() {
    this.writer.close();
  }
  /** The line broke. */
  drop() {
    this.writer.error(new TypeError("network error"));
  }
}

export interface Call {
  method: string;
  url: string;
  kind: "job" | "events" | "cancel" | "retry" | "other";
  headers: Record<string, string>;
  body: unknown;
  signal: AbortSignal | null;
  atMs: number;
  settled: boolean;
}

type Handler = (call: Call) => Response | Promise<Response>;

function kindOf(url: string): Call["kind"] {
  const last = url.split("?")[0]?.split("/").pop();
  if (last === "events" || last === "cancel" || last === "retry") return last;
  return last === ID ? "job" : "other";
}

export class ScriptedServer {
  readonly calls: Call[] = [];
  readonly streams: Stream[] = [];
  /** How long each answer takes. */
  delayMs = 0;
  answers: Partial<Record<Call["kind"], Handler>> = {};

  constructor(public job: Job = record(1)) {}

  of(kind: Call["kind"]): Call[] {
    return this.calls.filter((call) => call.kind === kind);
  }
  get stream(): Stream {
    const last = this.streams.at(-1);
    if (!last) throw new Error("no stream was opened");
    return last;
  }
  /** Calls that are neither answered nor given up. A stream is open until it is given up. */
  get open(): Call[] {
    return this.calls.filter((call) => !call.signal?.aborted && (!call.settled || call.kind === "events"));
  }
  /** Neither events nor answers: the machine is gone. */
  down() {
    const dead = () => Promise.reject(new TypeError("connection refused"));
    this.answers = { job: dead, events: dead };
  }
  /** Events are refused, questions are answered. */
  noEvents() {
    this.answers.events = () => Promise.reject(new TypeError("connection refused"));
  }

  readonly fetch = (async (url: string, init: RequestInit = {}) => {
    const call: Call = {
      method: init.method ?? "GET",
      url,
      kind: kindOf(url),
      headers: init.headers as Record<string, string>,
      body: init.body ? JSON.parse(init.body as string) : null,
      signal: init.signal ?? null,
      atMs: performance.now(),
      settled: false,
    };
    this.calls.push(call);
    const gone = new Promise<never>((_, reject) => {
      call.signal?.addEventListener("abort", () => reject(aborted()));
    });
    try {
      return await Promise.race([gone, this.respond(call)]);
    } finally {
      call.settled = true;
    }
  }) as typeof fetch;

  private delay(signal: AbortSignal | null): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.delayMs);
      signal?.addEventListener("abort", () => clearTimeout(timer));
    });
  }

  private async respond(call: Call): Promise<Response> {
    if (this.delayMs > 0) await this.delay(call.signal);
    const handler = this.answers[call.kind];
    if (handler) return handler(call);
    if (call.kind !== "events") return answer(call.method === "GET" ? 200 : 202, this.job);
    const stream = new Stream(call);
    this.streams.push(stream);
    stream.text("retry: 1000\n\n");
    stream.event(this.job);
    return stream.response();
  }
}
