import { describe, expect, it } from "vitest";
import { Client } from "../../src/client/api";
import { EventParser, type ServerEvent, listen } from "../../src/client/events";
import { ScriptedServer, record } from "../job/server";

function parse(...texts: string[]): ServerEvent[] {
  const parser = new EventParser();
  return texts.flatMap((text) => parser.push(text));
}

describe("EventParser", () => {
  it.each(["\n", "\r\n", "\r"])("takes lines that end in %j, cut anywhere", (end) => {
    const text = ["retry: 1200", "", ": alive", "", "id: 3-1", "data: a", "data:  b", "", "data:c", "", ":", ""]
      .join(end);
    const whole = [{ id: "3-1", data: "a\n b" }, { id: "3-1", data: "c" }];
    expect(parse(text)).toEqual(whole);
    for (let i = 1; i < text.length; i++) expect(parse(text.slice(0, i), text.slice(i))).toEqual(whole);
    expect(parse(...text)).toEqual(whole);
  });

  it("makes no event of a comment, an unknown field or half a line", () => {
    expect(parse(":\n\n", "event: x\n\n", "data: half", "", "\n")).toEqual([]);
    expect(parse("data: half", "\n", "\n")).toEqual([{ id: "", data: "half" }]);
  });

  it("takes retry only as digits", () => {
    const parser = new EventParser();
    parser.push("retry: soon\n\n");
    expect(parser.retryMs).toBeNull();
    parser.push("retry: 2500\n\n");
    expect(parser.retryMs).toBe(2500);
  });
});

describe("listen", () => {
  const quiet = { onBeat: () => undefined, onEvent: () => undefined };

  it("returns when the server has said all, and tells what came", async () => {
    const server = new ScriptedServer(record(4));
    const heard: string[] = [];
    const client = new Client({ fetch: server.fetch, apiKey: "secret" });
    const ended = listen(client, "/api/events", { query: { tenant_id: "t1" } }, {
      onEvent: (event) => heard.push(event.id),
      onBeat: () => heard.push("beat"),
      onRetry: (ms) => heard.push(`retry ${ms}`),
    });
    server.answers = {};
    await Promise.resolve();
    expect(server.calls[0]).toMatchObject({ url: "/api/events?tenant_id=t1" });
    expect(server.calls[0]?.headers).toMatchObject({ Authorization: "Bearer secret" });
    server.stream.close();
    await ended;
    expect(heard).toEqual(["retry 1000", "beat", "3-4", "retry 1000", "beat"]);
  });

  it("gives the line back when a listener throws", async () => {
    const server = new ScriptedServer();
    const onEvent = () => {
      throw new Error("mine");
    };
    const client = new Client({ fetch: server.fetch });
    await expect(listen(client, "/api/events", {}, { ...quiet, onEvent })).rejects.toThrow("mine");
    await Promise.resolve();
    expect(() => server.stream.text("x")).toThrow();
  });

  it("returns from an answer without a body", async () => {
    const fetch = (() => Promise.resolve(new Response(null, { status: 204 }))) as typeof globalThis.fetch;
    await expect(listen(new Client({ fetch }), "/api/events", {}, quiet)).resolves.toBeUndefined();
  });
});
