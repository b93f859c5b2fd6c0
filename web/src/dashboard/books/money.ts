/* Money as the API has it: decimal strings, exact, never a float. A float is made only for the
 * length of a bar. */

interface Decimal {
  minor: bigint;
  places: number;
}

function read(text: string): Decimal {
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?$/.exec(text);
  if (!match) throw new RangeError(`not an amount: ${text}`);
  const fraction = match[3] ?? "";
  const minor = BigInt((match[2] ?? "") + fraction);
  return { minor: match[1] ? -minor : minor, places: fraction.length };
}

function scaled(value: Decimal, places: number): bigint {
  return value.minor * 10n ** BigInt(places - value.places);
}

function write({ minor, places }: Decimal): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  const sign = minor < 0n ? "-" : "";
  return places ? `${sign}${whole}.${digits.slice(-places)}` : sign + whole;
}

export function add(a: string, b: string): string {
  const one = read(a);
  const other = read(b);
  const places = Math.max(one.places, other.places);
  return write({ minor: scaled(one, places) + scaled(other, places), places });
}

export function sum(amounts: Iterable<string>): string {
  let total = "0";
  for (const amount of amounts) total = add(total, amount);
  return total;
}

export function negate(amount: string): string {
  const value = read(amount);
  return write({ ...value, minor: -value.minor });
}

/** -1, 0 or 1, as the amount is below, at or above nothing. */
export function signOf(amount: string): -1 | 0 | 1 {
  const { minor } = read(amount);
  return minor < 0n ? -1 : minor > 0n ? 1 : 0;
}

export function compare(a: string, b: string): -1 | 0 | 1 {
  return signOf(add(a, negate(b)));
}

/** How long `part` is beside `whole`, for drawing only; 0 where the whole is nothing. */
export function ratio(part: string, whole: string): number {
  const a = read(part);
  const b = read(whole);
  const places = Math.max(a.places, b.places);
  const below = scaled(b, places);
  return below === 0n ? 0 : Number((scaled(a, places) * 1_000_000n) / below) / 1_000_000;
}

const MINUS = "−"; // as wide as a digit, and not where a line may break

/** "-1234.5" as "−1,234.5". `plus`: also "+12.00". */
export function formatMoney(amount: string, { plus = false } = {}): string {
  const [whole = "", fraction] = amount.replace("-", "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const sign = amount.startsWith("-") ? MINUS : plus && signOf(amount) > 0 ? "+" : "";
  return sign + grouped + (fraction === undefined ? "" : `.${fraction}`);
}
