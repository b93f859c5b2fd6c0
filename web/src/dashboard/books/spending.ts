/* Sums by month and account as the series of a chart. */
import { add, compare, signOf } from "./money";

export interface MonthlyItem {
  month: string;
  account: string;
  currency: string;
  amount: string;
}

export interface Series {
  name: string;
  /** One a month; months without any are "0". */
  amounts: string[];
  total: string;
}

export interface Spending {
  months: string[];
  series: Series[];
  /** Of all series together, one a month. */
  totals: string[];
}

export const REST = "Other";

/** Every month from the first to the last, both "yyyy-mm". */
export function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  let [year = 0, month = 0] = first.split("-").map(Number);
  for (;;) {
    const text = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}`;
    if (text > last || months.length > 1200) return months;
    months.push(text);
    month = month === 12 ? 1 : month + 1;
    year += month === 1 ? 1 : 0;
  }
}

/** The part of an account's name that a chart tells apart: "Expenses:Food:Coffee" below "Expenses"
 * is "Expenses:Food". */
function group(account: string, under: string): string {
  const depth = under.split(":").length;
  return account.split(":").slice(0, depth + 1).join(":");
}

/** The accounts below `under` by month, the largest `most` of them and the rest together. Amounts
 * are debits less credits, so spending is positive. */
export function spendingOf(
  items: readonly MonthlyItem[],
  { under, currency, months, most }: {
    under: string; currency: string; months: string[]; most: number;
  },
): Spending {
  const at = new Map(months.map((month, i) => [month, i]));
  const named = new Map<string, Series>();
  const totals = months.map(() => "0");
  const series = (name: string) => {
    let found = named.get(name);
    if (!found) {
      found = { name, amounts: months.map(() => "0"), total: "0" };
      named.set(name, found);
    }
    return found;
  };
  const put = (to: Series, i: number, amount: string) => {
    to.amounts[i] = add(to.amounts[i] ?? "0", amount);
    to.total = add(to.total, amount);
  };

  for (const item of items) {
    const i = at.get(item.month);
    const below = item.account === under || item.account.startsWith(`${under}:`);
    if (i === undefined || item.currency !== currency || !below) continue;
    put(series(group(item.account, under)), i, item.amount);
    totals[i] = add(totals[i] ?? "0", item.amount);
  }
  const sorted = [...named.values()].sort((a, b) => -compare(a.total, b.total));
  const shown = sorted.slice(0, sorted.length > most ? most - 1 : most);
  const rest = sorted.slice(shown.length);
  if (rest.length > 0) {
    const other: Series = { name: REST, amounts: months.map(() => "0"), total: "0" };
    for (const one of rest) one.amounts.forEach((amount, i) => put(other, i, amount));
    shown.push(other);
  }
  return { months, series: shown, totals };
}

/** The part that a bar can show: what came back in a month is not drawn below the line. */
export function drawn(amount: string): string {
  return signOf(amount) > 0 ? amount : "0";
}
