import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, Client, isAbort } from "../../src/client/api";
import { aborted, answer, problem } from "../job/server";

let asked: { url: string; init: RequestInit }[];
let answers: (() => Response | Promise<Response>)[];
let client: Client;

/** One answer for each call, in order; the last one again and again. */
const fetcher = (async (url: string, init: RequestInit) => {
  asked.push({ url, init });
  const next = answers.length > 1 ? answers.shift() : answers[0];
  if (!next) throw new Error("no answer was scripted");
  return next();
}) as typeof fetch;

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  client = new Client({ fetch: fetcher });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const job = () => client.get("/api/jobs/{id}", { path: { id: "j" } });

describe("a URL", () => {
  it("is filled in and encoded", () => {
    expect(client.url("/api/jobs/{id}/events", { path: { id: "a/b c" } })).toBe("/api/jobs/a%2Fb%20c/events");
  });
  it("leaves out what is not asked for", () => {
    const query = { q: "a&b ü", limit: 0, all: false, from: "", to: null, at: undefined };
    expect(client.url("/api/jobs", { query })).toBe("/api/jobs?q=a%26b+%C3%BC&limit=0&all=false");
  });
  it("begins with the base, however it ends", () => {
    expect(new Client({ baseUrl: "https://books.example/x//" }).url("/api/jobs"))
      .toBe("https://books.example/x/api/jobs");
  });
});

describe("an error", () => {
  it("carries what the API says of it", async () => {
    answers = [() => problem(422, "invalid")];
    const error = await job().catch((e: unknown) => e as ApiError);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 422, code: "invalid", message: "because of invalid", final: true });
    expect((error as ApiError).problem?.type).toBe("urn:daybook:problem:invalid");
  });
  it("of a proxy has a code and a message too", async () => {
    answers = [() => ({ ...answer(500, null), json: () => Promise.reject(new SyntaxError("<html>")) })];
    await expect(job()).rejects.toMatchObject({ status: 500, code: "http-500", problem: null });
  });
  it("of the line is told from one of the API", async () => {
    answers = [() => Promise.reject(new TypeError("refused"))];
    await expect(client.getOnce("/api/jobs/{id}", { path: { id: "j" } }))
      .rejects.toMatchObject({ status: 0, code: "unreachable", passing: true, final: false });
  });
  it("is also an answer that breaks off", async () => {
    answers = [() => ({ ...answer(200, null), json: () => Promise.reject(new TypeError("cut")) })];
    await expect(client.post("/api/jobs/{id}/cancel", {}, { path: { id: "j" } }))
      .rejects.toMatchObject({ name: "ApiError", status: 0, code: "unreadable" });
  });
});

describe("a GET", () => {
  it.each([408, 429, 502, 503, 504])("that is answered %i is asked three times", async (status) => {
    answers = [() => problem(status, "busy")];
    const result = expect(job()).rejects.toMatchObject({ status });
    await vi.advanceTimersByTimeAsync(299);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(600);
    expect(asked).toHaveLength(3);
    await result;
  });
  it.each([400, 401, 403, 404, 409, 500])("that is answered %i is not asked again", async (status) => {
    answers = [() => problem(status, "no")];
    await expect(job()).rejects.toMatchObject({ status });
    expect(asked).toHaveLength(1);
  });
  it("succeeds when the server is back", async () => {
    answers = [() => Promise.reject(new TypeError("refused")), () => answer(200, { id: "j" })];
    const result = job();
    await vi.advanceTimersByTimeAsync(300);
    await expect(result).resolves.toEqual({ id: "j" });
  });
  it("waits as long as Retry-After says", async () => {
    answers = [() => problem(503, "busy", { "Retry-After": "2" }), () => answer(200, {})];
    const result = job();
    await vi.advanceTimersByTimeAsync(1999);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    await result;
    expect(asked).toHaveLength(2);
  });
  it.each(["3600", "1e300"])("leaves a Retry-After of %s s to the caller", async (seconds) => {
    answers = [() => problem(503, "busy", { "Retry-After": seconds })];
    await expect(job()).rejects.toMatchObject({ status: 503, retryAfterMs: 600_000 });
    expect(asked).toHaveLength(1);
  });
  it("takes a Retry-After that is no number as none", async () => {
    answers = [() => problem(503, "busy", { "Retry-After": "Fri, 27 Nov 2026 15:00:00 GMT" })];
    await expect(client.getOnce("/api/jobs/{id}", { path: { id: "j" } }))
      .rejects.toMatchObject({ retryAfterMs: null });
  });
  it("is given up while it waits", async () => {
    const life = new AbortController();
    answers = [() => problem(503, "busy", { "Retry-After": "4" })];
    const result = client.get("/api/jobs/{id}", { path: { id: "j" }, signal: life.signal })
      .catch((e: unknown) => e);
    await vi.advanceTimersByTimeAsync(100);
    life.abort();
    expect(isAbort(await result)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(asked).toHaveLength(1);
  });
  it("that is given up is no error of the API", async () => {
    answers = [() => Promise.reject(aborted())];
    expect(isAbort(await job().catch((e: unknown) => e))).toBe(true);
  });
});

describe("a write", () => {
  it("is sent once, whatever becomes of it", async () => {
    answers = [() => problem(503, "busy", { "Retry-After": "1" })];
    await expect(client.post("/api/jobs/{id}/cancel", {}, { path: { id: "j" } }))
      .rejects.toMatchObject({ status: 503, retryAfterMs: 1000 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(1);
  });
  it("is JSON, with the key and the caller's headers", async () => {
    answers = [() => answer(202, { job_id: "j" })];
    client = new Client({ fetch: fetcher, apiKey: "secret" });
    const body = { company_id: "acme", tenant_id: "t1" };
    await client.post("/api/jobs/categorize", { ...body, limit: 5, priority: 0 }, {
      headers: { "Idempotency-Key": "k" },
    });
    expect(asked[0]?.init).toMatchObject({ method: "POST" });
    expect(asked[0]?.init.headers).toEqual({
      "Content-Type": "application/json", "Idempotency-Key": "k", Authorization: "Bearer secret",
    });
    expect(JSON.parse(asked[0]?.init.body as string)).toEqual({ ...body, limit: 5, priority: 0 });
  });
  it("of a form lets the browser name the boundary", async () => {
    answers = [() => answer(202, { job_id: "j" })];
    const form = new FormData();
    form.set("company_id", "acme");
    await client.post("/api/jobs/upload-and-categorize", form as never);
    expect(asked[0]?.init.body).toBe(form);
    expect(asked[0]?.init.headers).toEqual({});
  });
});
