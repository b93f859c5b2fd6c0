/* reading - how a file is read, and what its owner says about it: the profile of POST /api/preview and
 * of the upload. */
import type { Schemas } from "../../client/api";

export type Preview = Schemas["Preview"];
/** What the owner said; only that is sent. */
export type Told = Record<string, string>;

export interface Part {
  key: string;
  label: string;
  /** Allowed values with their names; without: free text, or a column where `column`. */
  values?: readonly (readonly [string, string])[];
  column?: boolean;
}

export const PARTS: readonly Part[] = [
  {
    key: "date_order",
    label: "Order of dates",
    values: [
      ["dmy", "day, month, year"],
      ["mdy", "month, day, year"],
      ["ymd", "year, month, day"],
    ],
  },
  {
    key: "sign",
    label: "Signs",
    values: [
      ["amount", "as printed: minus is money out"],
      ["inverted", "the other way round: a card's purchases are positive"],
      ["column", "by a debit/credit column"],
      ["marked", "marked beside the amount"],
      ["balance", "by the balance of each row"],
    ],
  },
  {
    key: "decimal_mark",
    label: "Decimal mark",
    values: [
      [".", "point: 1,234.56"],
      [",", "comma: 1.234,56"],
    ],
  },
  { key: "currency", label: "Currency" },
  { key: "statement_end", label: "Last day of the statement (yyyy-mm-dd)" },
  { key: "own_account", label: "Account whose rows are read (*: all)" },
  { key: "date_column", label: "Date", column: true },
  { key: "amount_column", label: "Amount", column: true },
  { key: "debit_column", label: "Money out", column: true },
  { key: "credit_column", label: "Money in", column: true },
  { key: "flag_column", label: "Debit/credit flag", column: true },
  { key: "flag_out", label: "Word for money out in that column" },
  { key: "flag_in", label: "Word for money in in that column" },
  { key: "header_row", label: "Line of the header (0: none)" },
  { key: "delimiter", label: "Delimiter" },
  { key: "encoding", label: "Encoding" },
];

/* Which parts answer a question of the reader: docs/READING.md. */
const ANSWERS: Record<string, readonly string[]> = {
  "date-order-ambiguous": ["date_order"],
  "currency-unknown": ["currency"],
  "account-unknown": ["own_account"],
  "year-unknown": ["statement_end"],
  "sign-unknown": ["sign", "debit_column", "credit_column", "flag_column", "flag_out", "flag_in"],
  "dates-unlikely": ["date_order"],
  "decimal-mark-ambiguous": ["decimal_mark"],
  "encoding-unknown": ["encoding"],
  "header-not-found": ["delimiter", "header_row", "date_column", "amount_column"],
  "no-date-column": ["header_row", "date_column"],
  "no-amount-column": ["header_row", "amount_column", "debit_column", "credit_column"],
};

/** The parts that would answer the error of a preview; none: the file can't be read at all. */
export function partsThatAnswer(code: string): readonly string[] {
  return ANSWERS[code] ?? [];
}

export interface Refusal {
  /** The part that was told and can't be; null: none of them by name. */
  key: string | null;
  message: string;
}

/** What the reader says to what it was told, where that can't be. */
export function refusalOf(preview: Preview): Refusal | null {
  const { error } = preview;
  if (error?.code !== "profile-invalid") return null;
  const key = /^profile\.(\w+)/.exec(error.message)?.[1] ?? null;
  return { key, message: error.message.replace(/^profile\./, "") };
}

/** As the API takes it: columns and lines that are numbers become numbers. */
export function profileOf(told: Told): string | null {
  const entries = Object.entries(told).filter(([, value]) => value !== "");
  if (entries.length === 0) return null;
  return JSON.stringify(
    Object.fromEntries(
      entries.map(([key, value]) => {
        const number = /^(?:.*_column|header_row)$/.test(key) && /^\d+$/.test(value);
        return [key, number ? Number(value) : value];
      }),
    ),
  );
}

/** What the reader took for a part, in words. */
export function takenText(preview: Preview, part: Part): string {
  const reading = preview.reading;
  const value = (reading?.profile as Record<string, unknown> | undefined)?.[part.key];
  if (!reading || value === undefined) return "";
  if (part.column && typeof value === "number") return reading.columns[value - 1] ?? `column ${value}`;
  if (part.key === "delimiter") return value === "\t" ? "tab" : String(value);
  return part.values?.find(([name]) => name === value)?.[1] ?? String(value);
}
