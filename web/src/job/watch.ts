/* watch - follows one job until it ends: by events first, by questions while they fail or are mute.
 * It knows no React; useJobStatus is a view of it. */
import { ApiError, Client, type ClientOptions, type Job, type Status } from "../client/api";
import { listen } from "../client/events";
import { Eta } from "./eta";
import { compareChanges, fractionDone, isEnded } from "./record";
import { pollDelayMs } from "./schedule";

/** How the watcher hears of the job. `offline`: not at all, it goes on trying. */
export type Connection = "connecting" | "live" | "polling" | "offline" | "paused" | "closed";

/** Why there is no more to tell: the job's own failure, or a refusal of the API. */
export interface JobFailure {
  code: string;
  message: string;
  hint: string | null;
  stage: string | null;
  row: number | null;
}

export interface JobState {
  status: Status;
  /** 0 to 100; never falls. */
  progress: number;
  stage: string | null;
  stages: Job["stages"];
  message: string;
  result: Job["result"];
  error: JobFailure | null;
  /** What is left in ms; null while that can't be said. */
  eta: number | null;
  connection: Connection;
  /** A cancel was asked for and has not taken effect. */
  cancelling: boolean;
  /** The record as the API tells it; null before the first. */
  job: Job | null;
}

export interface WatchOptions extends ClientOptions {
  /** Only ask ("poll"), or only listen ("events"); default: listen, and ask while that fails. */
  mode?: "poll" | "events" | undefined;
}

export const INITIAL: JobState = {
  status: "pending",
  progress: 0,
  stage: null,
  stages: [],
  message: "Job queued",
  result: null,
  error: null,
  eta: null,
  connection: "connecting",
  cancelling: false,
  job: null,
};

/* The server sends a comment every 5 s: three in a row that are missing mean a dead line. */
const MUTE_MS = 15_000;
const STREAM_TRIES = 3;
const STREAM_AGAIN_MS = 1000;
const FRAME_MS = 16;
/* Answers that asking again does not change. */
const FINAL = [400, 401, 403, 404, 410];

export class JobWatch {
  private readonly client: Client;
  private readonly listeners = new Set<() => void>();
  private state = INITIAL;
  private told = INITIAL;
  private eta = new Eta();
  private life: AbortController | null = null;
  private stream: AbortController | null = null;
  private questions: AbortController | null = null;
  private pollTimer: ReturnType<typeof setTimeout> | undefined;
  private streamTimer: ReturnType<typeof setTimeout> | undefined;
  private muteTimer: ReturnType<typeof setTimeout> | undefined;
  private frameTimer: ReturnType<typeof setTimeout> | undefined;
  private polls = 0;
  private streamFailures = 0;
  private streamAgainMs = STREAM_AGAIN_MS;

  constructor(
    readonly jobId: string,
    private readonly options: WatchOptions = {},
  ) {
    this.client = new Client(options);
  }

  readonly snapshot = (): JobState => this.told;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Begins, or goes on after stop(). */
  start() {
    if (this.life) return;
    this.life = new AbortController();
    document.addEventListener("visibilitychange", this.visibility);
    this.visibility();
  }

  /** Ends every timer and request. */
  stop() {
    this.life?.abort();
    this.life = null;
    document.removeEventListener("visibilitychange", this.visibility);
    this.rest();
    clearTimeout(this.frameTimer);
    this.frameTimer = undefined;
    this.told = this.state;
  }

  /** Asks for the job to stop; until it has, the state says `cancelling`. */
  readonly cancel = async (): Promise<void> => {
    this.set({ cancelling: true });
    try {
      this.take(await this.client.post("/api/jobs/{id}/cancel", {}, this.at()));
    } catch (error) {
      this.set({ cancelling: false });
      throw error;
    }
  };

  /** Lets a failed or cancelled job go on; `skip` passes the lines that broke it. It counts as queued
   * at once; what was known before comes back when that is refused. */
  readonly retry = async (options: { skip?: boolean } = {}): Promise<void> => {
    const { status, error, result, connection } = this.state;
    this.set({ status: "pending", error: null, result: null, connection: "connecting" });
    try {
      const job = await this.client.post("/api/jobs/{id}/retry", options, this.at());
      this.eta = new Eta();
      this.polls = this.streamFailures = 0;
      this.take(job);
      this.visibility();
    } catch (refusal) {
      this.rest();
      this.set({ status, error, result, connection });
      throw refusal;
    }
  };

  private at() {
    return { path: { id: this.jobId } };
  }

  /* ---- what is going on ---- */

  private readonly visibility = () => {
    if (!this.life || this.state.connection === "closed") return;
    this.rest();
    if (document.visibilityState === "hidden") return this.set({ connection: "paused" });
    this.set({ connection: "connecting" });
    if (this.options.mode === "poll") this.ask();
    else this.open();
  };

  /** Nothing runs until the next start(). */
  private rest() {
    this.stream?.abort();
    this.stream = null;
    clearTimeout(this.streamTimer);
    clearTimeout(this.muteTimer);
    this.askNoMore();
  }

  private end(changes: Partial<JobState> = {}) {
    this.rest();
    this.set({ ...changes, eta: null, cancelling: false, connection: "closed" });
  }

  private fail(error: ApiError) {
    const expired = error.status === 404 && this.state.job !== null;
    this.end({
      error: {
        code: expired ? "expired" : error.code,
        message: expired ? "This job's record has expired; the books keep what it did" : error.message,
        hint: error.problem?.hint ?? null,
        stage: null,
        row: null,
      },
    });
  }

  /* ---- events ---- */

  private open() {
    const stream = new AbortController();
    const change = this.state.job?.change;
    this.stream = stream;
    this.beat(stream);
    void listen(
      this.client,
      "/api/jobs/{id}/events",
      { ...this.at(), signal: stream.signal, headers: change ? { "Last-Event-ID": change } : {} },
      {
        onBeat: () => this.beat(stream),
        onEvent: (event) => this.hear(stream, event.data),
        onRetry: (ms) => (this.streamAgainMs = ms),
      },
    ).then(
      () => this.lost(stream, null),
      (error: unknown) => this.lost(stream, error),
    );
  }

  private beat(stream: AbortController) {
    if (this.stream !== stream) return;
    clearTimeout(this.muteTimer);
    this.muteTimer = setTimeout(() => this.lost(stream, null), MUTE_MS);
  }

  private hear(stream: AbortController, data: string) {
    if (this.stream !== stream) return;
    let job: Job;
    try {
      job = JSON.parse(data) as Job;
    } catch {
      return this.lost(stream, null);
    }
    this.polls = this.streamFailures = 0;
    this.askNoMore();
    this.set({ connection: "live" });
    this.take(job);
  }

  /** The stream has ended, fell silent or was refused; that it was we who ended it changes nothing. */
  private lost(stream: AbortController, error: unknown) {
    if (this.stream !== stream) return;
    this.stream = null;
    stream.abort();
    clearTimeout(this.muteTimer);
    if (error instanceof ApiError && FINAL.includes(error.status)) return this.fail(error);
    this.streamFailures++;
    if (this.options.mode === "events") this.set({ connection: "offline" });
    else if (!this.questions) this.ask();
    if (this.options.mode === "events" || this.streamFailures < STREAM_TRIES)
      this.streamTimer = setTimeout(() => this.open(), this.againMs(error));
  }

  private againMs(error: unknown): number {
    const asked = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    return Math.max(asked, this.streamAgainMs * 2 ** Math.min(this.streamFailures - 1, 3));
  }

  /* ---- questions ---- */

  private ask() {
    this.questions = new AbortController();
    void this.poll(this.questions);
  }

  private askNoMore() {
    this.questions?.abort();
    this.questions = null;
    clearTimeout(this.pollTimer);
  }

  private async poll(questions: AbortController) {
    let askedMs = 0;
    try {
      const job = await this.question(questions.signal);
      if (this.questions !== questions) return;
      this.set({ connection: "polling" });
      this.take(job);
    } catch (error) {
      if (this.questions !== questions) return;
      if (error instanceof ApiError && FINAL.includes(error.status)) return this.fail(error);
      askedMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
      this.set({ connection: "offline" });
    }
    if (this.questions !== questions) return;
    const waitMs = Math.max(pollDelayMs(this.polls++), askedMs);
    this.pollTimer = setTimeout(() => void this.poll(questions), waitMs);
  }

  /** One question; one that is not answered for so long that events would be given up counts as lost. */
  private async question(signal: AbortSignal): Promise<Job> {
    const patience = new AbortController();
    const giveUp = () => patience.abort();
    const timer = setTimeout(giveUp, MUTE_MS);
    signal.addEventListener("abort", giveUp);
    try {
      return await this.client.getOnce("/api/jobs/{id}", { ...this.at(), signal: patience.signal });
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }

  /* ---- the state ---- */

  /** A record: taken if it is newer than what is known. */
  private take(job: Job) {
    const known = this.state.job;
    if (known && compareChanges(job.change, known.change) <= 0) return;
    const ended = isEnded(job.status);
    const running = job.status === "running";
    this.set({
      job,
      status: job.status,
      progress: Math.max(job.progress, this.state.progress),
      stage: job.stage,
      stages: job.stages,
      message: job.message,
      result: job.result,
      error: job.error as JobFailure | null,
      eta: running ? this.eta.sample(performance.now(), fractionDone(job)) : null,
    });
    if (ended) this.end();
  }

  /** Tells the listeners, at most once a frame. */
  private set(changes: Partial<JobState>) {
    const before = this.state;
    if (Object.entries(changes).every(([name, value]) => Object.is(before[name as keyof JobState], value)))
      return;
    this.state = { ...before, ...changes };
    this.frameTimer ??= setTimeout(() => {
      this.frameTimer = undefined;
      this.told = this.state;
      for (const listener of this.listeners) listener();
    }, FRAME_MS);
  }
}
