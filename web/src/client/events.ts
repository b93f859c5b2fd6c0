/* events - Server-Sent Events over fetch, so that a key goes along and a refusal can be told from a
 * broken line (EventSource tells neither). https://html.spec.whatwg.org/#parsing-an-event-stream */
import { type CallOptions, type Client } from "./api";

export interface ServerEvent {
  id: string;
  data: string;
}

/** Takes text as it comes and gives what became whole: events, and the server's `retry`. */
export class EventParser {
  private rest = "";
  private data: string[] = [];
  /** The place in the stream: also what an event without data says. */
  id = "";
  retryMs: number | null = null;
  /** What the last comment said; "" again when an event comes. */
  comment = "";

  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== "") this.field(line);
      else if (this.data.length > 0) {
        events.push({ id: this.id, data: this.data.join("\n") });
        this.data = [];
        this.comment = "";
      }
    }
    return events;
  }

  private field(line: string) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (colon === 0) this.comment = value;
    else if (name === "data") this.data.push(value);
    else if (name === "id") this.id = value;
    else if (name === "retry" && /^\d+$/.test(value)) this.retryMs = Number(value);
  }
}

export interface Listener {
  onEvent(event: ServerEvent): void;
  /** Something came, be it only the server's comment that it lives; after the events in it. With the
   * last id that the server gave, "" before the first, and what its comment said. */
  onBeat(id: string, comment: string): void;
  /** How long the server wants us to wait before we come back. */
  onRetry?(ms: number): void;
}

/** Listens until the server ends the stream (then it returns), or `signal`, or a fault (it throws). */
export async function listen(
  client: Client,
  path: string,
  options: CallOptions,
  listener: Listener,
): Promise<void> {
  const response = await client.send("GET", path, { cache: "no-store" }, {
    ...options,
    headers: { Accept: "text/event-stream", ...options.headers },
  });
  const reader = response.body?.getReader();
  if (!reader) return;
  const parser = new EventParser();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const text = decoder.decode(value, { stream: true });
      for (const event of parser.push(text)) listener.onEvent(event);
      if (parser.retryMs !== null) listener.onRetry?.(parser.retryMs);
      listener.onBeat(parser.id, parser.comment);
    }
  } finally {
    reader.cancel().catch(() => undefined); /* frees the line if a listener threw */
  }
}
