/* download - a small file of the API; fetched here because the key goes in a header. */
import type { CallOptions, Client } from "../../client/api";
import { saveBlob } from "../shell/saveBlob";

export async function download(client: Client, path: string, name: string, options: CallOptions) {
  const response = await client.send("GET", path, {}, options);
  saveBlob(await response.blob(), name);
}
