/* watch - follows one job until it ends: by events first, by questions while they fail or are mute.
 * It knows no React; useJobStatus is a view of it. */
import { ApiError, Client, type ClientOptions, type Job, type Status } from "../client/api";
import { listen } from "../client/events";
import { Eta } from "./eta";
import { compareChanges, fractionDone, isEnded } from "./record";
import { pollDelayMs } from "./schedule";

/** How the watcher hears of the job. `offline`: not at all, it goes on trying. `stalled`: the API
 * answers and says that its broker does not, so that nothing moves. */
export type Connection =
  | "connecting" | "live" | "polling" | "stalled" | "offline" | "paused" | "closed";

/** Why there is no more to tell: the job's own failure, or (the job's status being another) a refusal
 * of the API, whose codes are `key-needed`, `not-found` and so on, or `expired`. */
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
  /** It takes longer than was first expected. */
  late: boolean;
  connection: Connection;
  /** A cancel was asked for, here or elsewhere, and has not taken effect. */
  cancelling: boolean;
  /** A retry was asked for and is not yet answered. */
  retrying: boolean;
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
  late: false,
  connection: "connecting",
  cancelling: false,
  retrying: false,
  job: null,
};

/* The server sends a comment every 5 s: three in a row that are missing mean a dead line. */
const COMMENT_MS = 5000;
const MUTE_MS = 3 * COMMENT_MS;
const STREAM_TRIES = 3;
/* What may have been there and is not any more. */
const KEPT =
  "A job's record is kept for a day after its end, unless it is configured otherwise; " +
  "what it did stays in the books";
const STREAM_AGAIN_MS = 1000;
const FRAME_MS = 16;

/* A browser opens six connections to a server (over HTTP/1.1, all its pages together). Some must stay
 * free for calls, so that whoever watches a fifth job on one page asks instead. */
const STREAMS_MAX = 4;
const streams = new Set<AbortController>();

/** How a watcher stands that was not answered. */
function away(error: unknown): Connection {
  return error instanceof ApiError && error.code === "broker-unreachable" ? "stalled" : "offline";
}

function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && error.final;
}

/** How long the server wants to be left alone. */
function askedMs(error: unknown): number {
  return error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
}

export class JobWatch {
  private readonly client: Client;
  private readonly listeners = new Set<() => void>();
  private state = INITIAL;
  private told = INITIAL;
  private eta = new Eta();
  private started = false;
  private stream: AbortController | null = null;
  private questions: AbortController | null = null;
  private glance: AbortController | null = null; /* one question, beside either */
  private asking = false; /* a cancel is under way */
  private pollTimer: ReturnType<typeof setTimeout> | undefined;
  private streamTimer: ReturnType<typeof setTimeout> | undefined;
  private muteTimer: ReturnType<typeof setTimeout> | undefined;
  private frameTimer: ReturnType<typeof setTimeout> | undefined;
  private polls = 0;
  private unanswered = false; /* the last question */
  private streamFailures = 0;
  private streamAgainMs = STREAM_AGAIN_MS;
  private heardMs = 0; /* when a record last came */

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
    if (this.started) return;
    this.started = true;
    document.addEventListener("visibilitychange", this.visibility);
    window.addEventListener("focus", this.focus);
    this.visibility();
  }

  /** Ends every timer and request, but for a cancel or retry that is under way. */
  stop() {
    this.started = false;
    document.removeEventListener("visibilitychange", this.visibility);
    window.removeEventListener("focus", this.focus);
    this.rest();
    clearTimeout(this.frameTimer);
    this.frameTimer = undefined;
    this.told = this.state;
  }

  /** Asks for the job to stop; until it has, the state says `cancelling`. */
  readonly cancel = async (): Promise<void> => {
    this.asking = true;
    this.set({ cancelling: true });
    try {
      const job = await this.client.post("/api/jobs/{id}/cancel", {}, this.at());
      this.asking = false;
      this.take(job);
    } catch (error) {
      this.asking = false;
      this.set({ cancelling: this.state.job?.ending === "cancelled" });
      await this.orIsSo(error, (job) => isEnded(job.status));
    }
  };

  /** Lets a failed or cancelled job go on; `skip` passes the lines that broke it. */
  readonly retry = async (options: { skip?: boolean } = {}): Promise<void> => {
    this.set({ retrying: true });
    try {
      this.take(await this.client.post("/api/jobs/{id}/retry", options, this.at()));
    } catch (error) {
      await this.orIsSo(error, (job) => !isEnded(job.status));
    } finally {
      this.set({ retrying: false });
    }
  };

  /** Where a job is not what it was taken for it is looked at: perhaps it is what was wanted. */
  private async orIsSo(error: unknown, isSo: (job: Job) => boolean) {
    const overtaken = error instanceof ApiError && error.status === 409;
    if (!this.started || !overtaken) throw error;
    await this.look();
    if (!this.state.job || !isSo(this.state.job)) throw error;
  }

  private at() {
    return { path: { id: this.jobId } };
  }

  /* ---- what is going on ---- */

  private readonly visibility = () => {
    if (!this.started) return;
    if (this.state.connection === "closed") return this.focus();
    this.rest();
    if (document.visibilityState === "hidden") return this.set({ connection: "paused" });
    this.set({ connection: "connecting" });
    this.streamFailures = 0;
    this.open();
  };

  /** Whoever comes back to a job that failed may have tried it again elsewhere. */
  private readonly focus = () => {
    const { status, connection } = this.state;
    const mayGoOn = connection === "closed" && (status === "failed" || status === "cancelled");
    if (mayGoOn && document.visibilityState === "visible") void this.look();
  };

  /** Nothing runs until the next start(). */
  private rest() {
    this.hangUp();
    this.askNoMore();
    this.glance?.abort();
    this.glance = null;
  }

  /** An ended job goes on: somebody tried it again. */
  private goOn() {
    this.eta = new Eta();
    this.streamFailures = 0;
    this.set({ late: false, connection: "connecting" });
    this.visibility();
  }

  private end(changes: Partial<JobState> = {}) {
    this.rest();
    this.set({ ...changes, eta: null, late: false, cancelling: false, connection: "closed" });
  }

  private fail(error: ApiError) {
    const gone = error.status === 404;
    const expired = gone && this.state.job !== null;
    this.end({
      error: {
        code: expired ? "expired" : error.code,
        message: expired ? "This job's record has expired; the books keep what it did" : error.message,
        hint: error.problem?.hint ?? (gone && !expired ? KEPT : null),
        stage: null,
        row: null,
      },
    });
  }

  /* ---- events ---- */

  private open() {
    const { mode } = this.options;
    const most = mode === "poll" ? 0 : mode === "events" ? Infinity : STREAMS_MAX;
    if (streams.size >= most) {
      if (!this.questions) this.ask();
      return;
    }
    const stream = new AbortController();
    const change = this.state.job?.change;
    const openedMs = performance.now();
    this.stream = stream;
    streams.add(stream);
    this.listenFor(stream);
    void listen(
      this.client,
      "/api/jobs/{id}/events",
      { ...this.at(), signal: stream.signal, headers: change ? { "Last-Event-ID": change } : {} },
      {
        onEvent: (event) => {
          if (this.stream === stream) this.take(JSON.parse(event.data) as Job);
        },
        onBeat: (_, comment) => this.beat(stream, performance.now() - openedMs, comment),
        onRetry: (ms) => (this.streamAgainMs = ms),
      },
    ).then(
      () => this.lost(stream, null),
      (error: unknown) => this.lost(stream, error),
    );
  }

  private listenFor(stream: AbortController) {
    clearTimeout(this.muteTimer);
    this.muteTimer = setTimeout(() => {
      this.set({ connection: "offline" });
      this.lost(stream, null);
    }, MUTE_MS);
  }

  /** The stream lives; one that does so for longer than a moment was worth its try. */
  private beat(stream: AbortController, ageMs: number, comment: string) {
    if (this.stream !== stream) return;
    if (ageMs >= COMMENT_MS) this.streamFailures = 0;
    this.listenFor(stream);
    this.askNoMore();
    this.set({ connection: comment ? "stalled" : "live" });
    this.reckon();
    /* Why a job waits is no change of it, and in no event. */
    const still = performance.now() - this.heardMs >= COMMENT_MS;
    if (still && !comment && this.options.mode !== "events") void this.look();
  }

  /** The stream has ended, fell silent or was refused; that it was we who ended it changes nothing. */
  private lost(stream: AbortController, error: unknown) {
    if (this.stream !== stream) return;
    this.hangUp();
    if (isRefusal(error)) return this.fail(error);
    this.streamFailures++;
    const onlyEvents = this.options.mode === "events";
    if (onlyEvents) this.set({ connection: away(error) });
    else if (!this.questions) this.ask(askedMs(error), away(error));
    if (!onlyEvents && this.streamFailures >= STREAM_TRIES) return;
    const againMs = this.streamAgainMs * 2 ** Math.min(this.streamFailures - 1, 3);
    this.streamTimer = setTimeout(() => this.open(), Math.max(againMs, askedMs(error)));
  }

  private hangUp() {
    if (this.stream) streams.delete(this.stream);
    this.stream?.abort();
    this.stream = null;
    clearTimeout(this.streamTimer);
    clearTimeout(this.muteTimer);
  }

  /* ---- questions ---- */

  private ask(afterMs = 0, meanwhile: Connection = "offline") {
    const questions = new AbortController();
    this.questions = questions;
    this.polls = 0;
    this.unanswered = afterMs > 0;
    if (!this.unanswered) return void this.poll(questions);
    this.set({ connection: meanwhile });
    this.pollTimer = setTimeout(() => void this.poll(questions), afterMs);
  }

  private askNoMore() {
    this.questions?.abort();
    this.questions = null;
    clearTimeout(this.pollTimer);
  }

  private async poll(questions: AbortController) {
    let answered = true;
    let waitMs = 0;
    try {
      const job = await this.question(questions.signal);
      if (this.questions !== questions) return;
      this.set({ connection: "polling" });
      this.take(job);
      this.reckon();
    } catch (error) {
      if (this.questions !== questions) return;
      if (isRefusal(error)) return this.fail(error);
      answered = false;
      waitMs = askedMs(error);
      this.set({ connection: away(error) });
    }
    if (this.questions !== questions) return;
    waitMs = Math.max(pollDelayMs(this.polls++), waitMs);
    this.pollTimer = setTimeout(() => void this.poll(questions), waitMs);
    this.cameBack(answered);
  }

  /** A server that answers again may have events again too. */
  private cameBack(answered: boolean) {
    const back = answered && this.unanswered;
    this.unanswered = !answered;
    if (!back || this.stream) return;
    this.streamFailures = 0;
    clearTimeout(this.streamTimer);
    this.open();
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

  /** One question beside all else; unanswered it was worth nothing. */
  private async look(): Promise<void> {
    if (this.glance) return;
    const glance = new AbortController();
    this.glance = glance;
    try {
      const job = await this.question(glance.signal);
      if (this.glance === glance) this.take(job);
    } catch {
      /* what follows the job will tell */
    }
    if (this.glance === glance) this.glance = null;
  }

  /* ---- the state ---- */

  /** A record: taken if it is newer than what is known, or says why the job waits. */
  private take(job: Job) {
    const known = this.state.job;
    const newer = known ? compareChanges(job.change, known.change) : 1;
    this.heardMs = performance.now();
    if (newer < 0 || (newer === 0 && job.waiting === known?.waiting)) return;
    const closed = this.state.connection === "closed";
    this.set({
      job,
      status: job.status,
      progress: Math.max(job.progress, this.state.progress),
      stage: job.stage,
      stages: job.stages,
      message: job.message,
      result: job.result,
      error: job.error as JobFailure | null,
      cancelling: this.asking || job.ending === "cancelled",
    });
    if (isEnded(job.status)) this.end();
    else if (closed) this.goOn();
  }

  /** What is left, also when the record is the same as before: then it is more than was thought. */
  private reckon() {
    const { job, status } = this.state;
    if (!job || status !== "running") return;
    const nowMs = performance.now();
    const eta = this.eta.sample(nowMs, fractionDone(job));
    this.set({ eta, late: this.eta.isLate(nowMs) });
  }

  /** Tells the listeners, at most once a frame. */
  private set(changes: Partial<JobState>) {
    const before = this.state;
    if (Object.entries(changes).every(([name, value]) => Object.is(before[name as keyof JobState], value)))
      return;
    this.state = { ...before, ...changes };
    if (!this.started) this.told = this.state;
    else this.frameTimer ??= setTimeout(this.tell, FRAME_MS);
  }

  private readonly tell = () => {
    this.frameTimer = undefined;
    this.told = this.state;
    for (const listener of this.listeners) listener();
  };
}
