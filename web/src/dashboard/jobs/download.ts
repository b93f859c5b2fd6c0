/* download - a file of the API, saved by the browser; fetched here because the key goes in a header. */
import type { CallOptions, Client } from "../../client/api";

export async function download(client: Client, path: string, name: string, options: CallOptions) {
  const response = await client.send("GET", path, {}, options);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  /* The browser has begun to read it by then; kept any longer it would stay in memory. */
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
