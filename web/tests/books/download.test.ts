import { afterEach, expect, test, vi } from "vitest";
import { Client } from "../../src/client/api";
import { download } from "../../src/dashboard/books/download";

afterEach(() => vi.unstubAllGlobals());

const bytes = new TextEncoder().encode("2026-01-01 * \"x\"\n");

function client(seen: Headers[] = []) {
  return new Client({
    apiKey: "k",
    fetch: async (_, init) => {
      seen.push(new Headers(init?.headers));
      return new Response(bytes);
    },
  });
}

test("with a key the file is streamed to where the person says", async () => {
  const written: Uint8Array[] = [];
  const headers: Headers[] = [];
  const counts: number[] = [];
  vi.stubGlobal("showSaveFilePicker", async () => ({
    createWritable: async () => new WritableStream({ write: (chunk) => void written.push(chunk) }),
  }));
  await download(client(headers), "/api/export", {}, "acme.journal", {
    onBytes: (n) => counts.push(n), signal: new AbortController().signal,
  });
  expect(Buffer.concat(written).toString()).toBe("2026-01-01 * \"x\"\n");
  expect(headers[0]?.get("authorization")).toBe("Bearer k");
  expect(counts.at(-1)).toBe(bytes.byteLength);
});

test("where the browser cannot, it is kept until it is whole and saved under its name", async () => {
  const saved: string[] = [];
  vi.stubGlobal("showSaveFilePicker", undefined);
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:x");
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function click(
    this: HTMLAnchorElement,
  ) {
    saved.push(`${this.download} ${this.href}`);
  });
  await download(client(), "/api/export", {}, "acme.csv", {
    onBytes: () => undefined, signal: new AbortController().signal,
  });
  expect(saved).toEqual(["acme.csv blob:x"]);
});
