/* saveBlob - what was fetched, saved by the browser as a file. */

/* The browser reads it after the click; kept for ever it would stay in memory. */
const KEPT_MS = 60_000;

export function saveBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
