/* Round numbers for the axis of a chart. */

/** Steps of 1, 2 or 5 times a power of ten that reach `most` in at most `count` steps. */
export function ticks(most: number, count: number): number[] {
  if (!(most > 0)) return [0];
  const raw = most / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw) ?? raw;
  const steps = Math.ceil(most / step - 1e-9);
  return Array.from({ length: steps + 1 }, (_, i) => i * step);
}

const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export function tickText(value: number): string {
  return COMPACT.format(value);
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** "2026-01" as "Jan 2026", or "Jan" alone. */
export function monthText(month: string, { year = true } = {}): string {
  const [y = "", m = ""] = month.split("-");
  const name = MONTHS[Number(m) - 1] ?? month;
  return year ? `${name} ${y}` : name;
}

const EVERY_MAX = 3; // with fewer than every third month named, years tell more

/** What stands below each month, "" for nothing: every so manyth month up to the last, or the years
 * where that would name too few. */
export function monthLabels(months: readonly string[], every: number): string[] {
  if (every > EVERY_MAX)
    return months.map((month) => (month.endsWith("-01") ? month.slice(0, 4) : ""));
  return months.map((month, i) =>
    (months.length - 1 - i) % every === 0 ? monthText(month, { year: false }) : "",
  );
}
