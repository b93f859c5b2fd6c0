/* format - counts, times and sizes for people, in the browser's language. */

export function count(n: number): string {
  return n.toLocaleString();
}

/** A stranger's text within a sentence: what it says of directions ends with it. As <bdi>, for strings. */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  const units = ["KiB", "MiB", "GiB"];
  let value = n / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toLocaleString(undefined, { maximumFractionDigits: 1 })} ${units[unit]}`;
}

export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toLocaleString()} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "14:03:22" today, with the date before it on other days. */
export function time(text: string, now = new Date()): string {
  const at = new Date(text);
  const clock = at.toLocaleTimeString();
  return at.toDateString() === now.toDateString() ? clock : `${at.toLocaleDateString()} ${clock}`;
}
