/* Notes - what a job assumed or leaves to a person; its warnings are on its card. */
import type { Job } from "../../client/api";

type Named = Record<string, unknown>;

function listOf(result: Job["result"], name: string): unknown[] {
  const list = (result as Named | null)?.[name];
  return Array.isArray(list) ? list : [];
}

/** Notes are sentences, or records with one. */
function textOf(note: unknown): string {
  if (typeof note === "string") return note;
  const record = (note ?? {}) as Named;
  const text = record["message"] ?? record["text"] ?? record["detail"];
  if (typeof text === "string")
    return typeof record["line"] === "number" ? `Line ${record["line"]}: ${text}` : text;
  return Object.entries(record)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(", ");
}

function List({ title, notes }: { title: string; notes: unknown[] }) {
  if (notes.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul className="notes">
        {notes.map((note, i) => (
          <li key={i}>{textOf(note)}</li>
        ))}
      </ul>
    </section>
  );
}

export function Notes({ result }: { result: Job["result"] }) {
  return (
    <>
      <List title="Assumed where the file did not say" notes={listOf(result, "assumed")} />
      <List title="Perhaps there twice" notes={listOf(result, "possible_duplicates")} />
    </>
  );
}
