import { describe, expect, it } from "vitest";
import { EventParser, type ServerEvent } from "../../src/client/events";

const TEXT = 'retry: 1500\nid: 1-2\ndata: {"a":1}\n\n: alive\n\nid: 1-3\r\ndata: one\r\ndata: two\r\n\r\nid\ndata\n\n';
const EVENTS: ServerEvent[] = [
  { id: "1-2", data: '{"a":1}' },
  { id: "1-3", data: "one\ntwo" },
  { id: "", data: "" },
];

function parse(...pieces: string[]): ServerEvent[] {
  const parser = new EventParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

describe("EventParser", () => {
  it("reads events, comments and retry", () => {
    const parser = new EventParser();
    expect(parser.push(TEXT)).toEqual(EVENTS);
    expect(parser.retryMs).toBe(1500);
  });

  it("reads the same wherever the text is cut", () => {
    for (let i = 0; i <= TEXT.length; i++)
      for (let j = i; j <= TEXT.length; j += 7)
        expect(parse(TEXT.slice(0, i), TEXT.slice(i, j), TEXT.slice(j))).toEqual(EVENTS);
  });

  it("gives nothing before the empty line", () => {
    expect(parse("id: 1\ndata: x\n")).toEqual([]);
  });
});
