import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, Client } from "../../src/client/api";
import { Scripted } from "../job/scripted";

let server: Scripted;
let client: Client;
const JOB = { path: { id: "job_1" } };

beforeEach(() => {
  vi.useFakeTimers();
  server = new Scripted();
  client = new Client({ baseUrl: "https://books.example/", apiKey: "k1", fetch: server.fetch });
});
afterEach(() => vi.useRealTimers());

describe("Client", () => {
  it("fills the path, leaves empty parameters out and sends the key", async () => {
    await client.get("/api/jobs", { query: { tenant_id: "a&b", cursor: "", limit: 5 } });
    await client.get("/api/jobs/{id}", { path: { id: "a/b" } });
    expect(server.calls.map((call) => call.path)).toEqual([
      "https://books.example/api/jobs?tenant_id=a%26b&limit=5",
      "https://books.example/api/jobs/a%2Fb",
    ]);
    expect(server.calls[0]?.headers["Authorization"]).toBe("Bearer k1");
  });

  it("tells a problem as it was told", async () => {
    server.refusal = { status: 422, code: "field-bad" };
    const error = await client.get("/api/jobs/{id}", JOB).catch((fault: unknown) => fault);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 422, code: "field-bad", passing: false, problem: { errors: [] } });
  });

  it("tells a proxy's page by its status", async () => {
    const page = new Client({ fetch: () => Promise.resolve(new Response("<h1>Bad</h1>", { status: 500 })) });
    await expect(page.get("/api/jobs/{id}", JOB)).rejects.toMatchObject({ code: "http-500", problem: null });
  });

  it("asks a GET again while the fault is passing, three times in all", async () => {
    server.refusal = "gone";
    const answer = client.get("/api/jobs/{id}", JOB).catch((fault: unknown) => fault);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await answer).toMatchObject({ status: 0, code: "unreachable" });
    expect(server.asked).toEqual([0, 300, 900]);
  });

  it.each([502, 503, 504])("heeds Retry-After of a %d", async (status) => {
    server.refusal = { status, code: "away", retryAfterS: 4 };
    const answer = client.get("/api/jobs/{id}", JOB);
    await vi.advanceTimersByTimeAsync(3999);
    expect(server.calls).toHaveLength(1);
    server.refusal = null;
    await vi.advanceTimersByTimeAsync(1);
    expect(await answer).toMatchObject({ id: "job_1" });
  });

  it("never asks twice what may have been done, nor what won't change", async () => {
    server.refusal = { status: 503, code: "away" };
    await expect(client.post("/api/jobs/{id}/cancel", {}, JOB)).rejects.toMatchObject({ status: 503 });
    server.refusal = { status: 401, code: "key-unknown" };
    await expect(client.get("/api/jobs/{id}", JOB)).rejects.toMatchObject({ status: 401 });
    expect(server.calls).toHaveLength(2);
  });

  it("stops waiting when it is aborted", async () => {
    server.refusal = "gone";
    const abort = new AbortController();
    const answer = client.get("/api/jobs/{id}", { ...JOB, signal: abort.signal }).catch((fault: unknown) => fault);
    await vi.advanceTimersByTimeAsync(100);
    abort.abort();
    expect(await answer).toMatchObject({ name: "AbortError" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.calls).toHaveLength(1);
  });
});
