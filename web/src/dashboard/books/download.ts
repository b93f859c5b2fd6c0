/* Downloading with an API key, which a plain link cannot send. */
import type { Client } from "../../client/api";
import { saveBlob } from "../shell/saveBlob";

interface Picked {
  createWritable(): Promise<WritableStream<Uint8Array>>;
}
type Picker = (options: { suggestedName: string }) => Promise<Picked>;

/** Counts what passes. */
function counting(onBytes: (bytes: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      onBytes(bytes);
      controller.enqueue(chunk);
    },
  });
}

/** Where the browser can write to a file that the person picks, nothing is kept in memory; elsewhere
 * the whole is, until it is there. */
export async function download(
  client: Client,
  path: string,
  query: Record<string, string>,
  fileName: string,
  { onBytes, signal }: { onBytes: (bytes: number) => void; signal: AbortSignal },
): Promise<void> {
  const pick = (window as { showSaveFilePicker?: Picker }).showSaveFilePicker;
  // asked first: the browser allows it only right after the click
  const file = pick ? await pick({ suggestedName: fileName }) : null;
  const response = await client.send("GET", path, {}, { query, signal });
  const body = response.body?.pipeThrough(counting(onBytes));
  if (!body) return;
  if (file) await body.pipeTo(await file.createWritable(), { signal });
  else saveBlob(await new Response(body).blob(), fileName);
}
