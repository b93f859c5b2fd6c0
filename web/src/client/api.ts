/* api - calls of daybook's HTTP API: typed by openapi.yaml, with errors that tell what to do. */
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Job = Schemas["Job"];
export type Status = Schemas["Status"];
export type Problem = Schemas["Problem"];

type Method = "get" | "post" | "put";
type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];
type Operation<P extends keyof paths, M extends Method> = Extract<paths[P][M & keyof paths[P]], object>;
type Answer<R> = R extends { content: { "application/json": infer T } } ? T : never;
type Answers<O> = O extends { responses: infer R } ? Answer<R[keyof R & (200 | 201 | 202)]> : never;
type Query<O> = O extends { parameters: { query?: infer Q } } ? Exclude<Q, undefined> : never;
type Body<O> = O extends { requestBody: { content: { "application/json": infer T } } } ? T : unknown;

export type Answered<M extends Method, P extends keyof paths> = Answers<Operation<P, M>>;

const TRIES = 3;
const FIRST_WAIT_MS = 300;
/* Nothing was done, or may be done again: only a GET is asked once more by itself. */
const PASSING = [408, 429, 502, 503, 504];
/* Who asks for more patience than this is left to the caller. */
const PATIENCE_MS = 5000;
/* What a server may ask for at most; a timer of more than 24 days would fire at once. */
const RETRY_AFTER_MAX_MS = 600_000;

/** A call that was not answered as it should be. `status` 0: there was no answer at all. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly problem: Problem | null = null,
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
  }
  /** May the same call succeed later? */
  get passing(): boolean {
    return this.status === 0 || PASSING.includes(this.status);
  }
  /** Is it refused, whenever it is asked again? */
  get final(): boolean {
    return this.status >= 400 && this.status < 500 && !this.passing;
  }
}

export interface ClientOptions {
  /** Where daybook's API is, without a slash at the end; default: where the page comes from. */
  baseUrl?: string | undefined;
  /** Sent as `Authorization: Bearer`. */
  apiKey?: string | undefined;
  fetch?: typeof fetch | undefined;
}

export interface CallOptions {
  path?: Record<string, string>;
  query?: Record<string, string | number | boolean | null | undefined>;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

function retryAfterMs(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? NaN);
  return seconds >= 0 ? Math.min(seconds * 1000, RETRY_AFTER_MAX_MS) : null;
}

async function errorOf(response: Response): Promise<ApiError> {
  let problem: Problem | null = null;
  try {
    const told: unknown = await response.json();
    if (told && typeof told === "object" && "detail" in told) problem = told as Problem;
  } catch {
    /* not daybook's own answer: a proxy's, say */
  }
  return new ApiError(
    response.status,
    problem?.code ?? `http-${response.status}`,
    problem?.detail ?? `The server answered with ${response.status}`,
    problem,
    retryAfterMs(response),
  );
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(0, "unreadable", "daybook's answer broke off");
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms);
    function done() {
      signal?.removeEventListener("abort", stop);
      resolve();
    }
    function stop() {
      clearTimeout(timer);
      reject(signal?.reason ?? new DOMException("aborted", "AbortError"));
    }
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

export class Client {
  private readonly base: string;
  private readonly apiKey: string | undefined;
  private readonly fetcher: typeof fetch | undefined;

  constructor(options: ClientOptions = {}) {
    this.base = (options.baseUrl ?? "").replace(/\/+$/, "");
    this.apiKey = options.apiKey;
    this.fetcher = options.fetch;
  }

  url(path: string, options: CallOptions = {}): string {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(options.path?.[name] ?? ""),
    );
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(options.query ?? {}))
      if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
    const text = query.toString();
    return this.base + filled + (text ? `?${text}` : "");
  }

  /** The answer as it is, once; throws ApiError unless it is a success. */
  async send(method: string, path: string, init: RequestInit, options: CallOptions = {}) {
    const headers: Record<string, string> = { ...options.headers };
    if (this.apiKey) headers["Authorization"] = `Bearer ${this.apiKey}`;
    let response: Response;
    try {
      response = await (this.fetcher ?? fetch)(this.url(path, options), {
        ...init,
        method,
        headers,
        signal: options.signal ?? null,
      });
    } catch (error) {
      if (isAbort(error) || options.signal?.aborted) throw error;
      throw new ApiError(0, "unreachable", "daybook does not answer");
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  /** One attempt; `get` tries again by itself. */
  async getOnce<P extends PathOf<"get">>(
    path: P,
    options: CallOptions & { query?: Query<Operation<P, "get">> } = {},
  ): Promise<Answered<"get", P>> {
    const response = await this.send("GET", path, {}, options);
    return (await bodyOf(response)) as Answered<"get", P>;
  }

  async get<P extends PathOf<"get">>(
    path: P,
    options: CallOptions & { query?: Query<Operation<P, "get">> } = {},
  ): Promise<Answered<"get", P>> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.getOnce(path, options);
      } catch (error) {
        if (!(error instanceof ApiError) || !error.passing || attempt >= TRIES) throw error;
        const waitMs = error.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1);
        if (waitMs > PATIENCE_MS) throw error;
        await wait(waitMs, options.signal);
      }
    }
  }

  async post<P extends PathOf<"post">>(
    path: P,
    body: Body<Operation<P, "post">>,
    options: CallOptions = {},
  ): Promise<Answered<"post", P>> {
    return this.write<"post", P>("POST", path, body, options);
  }

  async put<P extends PathOf<"put">>(
    path: P,
    body: Body<Operation<P, "put">>,
    options: CallOptions = {},
  ): Promise<Answered<"put", P>> {
    return this.write<"put", P>("PUT", path, body, options);
  }

  private async write<M extends Method, P extends keyof paths>(
    method: string,
    path: P,
    body: unknown,
    options: CallOptions,
  ): Promise<Answered<M, P>> {
    const form = body instanceof FormData;
    const response = await this.send(
      method,
      path,
      { body: form ? body : JSON.stringify(body ?? {}) },
      form ? options : { ...options, headers: { "Content-Type": "application/json", ...options.headers } },
    );
    return (await bodyOf(response)) as Answered<M, P>;
  }
}
