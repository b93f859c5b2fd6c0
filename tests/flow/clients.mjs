/* clients - runs the client of docs/CLIENTS.md against a system: clients.mjs API CLIENT.js FILE.csv.
 * Prints one line of JSON: what was told on the way, and the end. */
import { readFile } from "node:fs/promises";

/* What the client takes for granted in a browser, and node 20 lacks: enough of EventSource, over fetch. */
globalThis.EventSource = class {
  constructor(url) {
    this.url = url;
    this.life = new AbortController();
    this.listen().catch(() => undefined);
  }
  async listen() {
    while (!this.life.signal.aborted) {
      const headers = this.id ? { "Last-Event-ID": this.id } : {};
      const answer = await fetch(this.url, { headers, signal: this.life.signal });
      let text = "";
      for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
        const events = (text + chunk).split("\n\n");
        text = events.pop();
        events.forEach((event) => this.take(event));
      }
    }
  }
  take(event) {
    this.id = /^id: (.*)$/m.exec(event)?.[1] ?? this.id;
    const data = /^data: (.*)$/m.exec(event)?.[1];
    if (data && !this.life.signal.aborted) this.onmessage({ data });
  }
  close() {
    this.life.abort();
  }
};

/* A browser sends a form in one piece, node's fetch part by part. */
const send = globalThis.fetch;
globalThis.fetch = async (url, init = {}) => {
  if (!(init.body instanceof FormData)) return send(url, init);
  const whole = new Response(init.body);
  const headers = { "Content-Type": whole.headers.get("content-type") };
  return send(url, { ...init, headers, body: await whole.arrayBuffer() });
};

const [api, client, csv] = process.argv.slice(2);
const categorize = new Function(`${await readFile(client, "utf8")}\nreturn categorize;`)();
const file = new File([await readFile(csv)], "may.csv", { type: "text/csv" });
const told = [];
const options = { tenant: "t1", company: "acme", api, onProgress: (...words) => told.push(words) };
const end = await categorize(file, options).then(
  (result) => ({ result }),
  (error) => ({ error: error.message }),
);
console.log(JSON.stringify({ told, ...end }));
