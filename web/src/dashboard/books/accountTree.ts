/* Accounts as a tree with subtotals, from the flat balances of the API. */
import { add } from "./money";

export interface AccountSum {
  account: string;
  currency: string;
  balance: string;
}

export interface AccountNode {
  /** The full name, "Expenses:Food". */
  name: string;
  /** The last part of it, "Food". */
  label: string;
  depth: number;
  /** Of itself, without those below; null where it is only a heading. */
  own: string | null;
  /** With all below it. */
  total: string;
  children: AccountNode[];
}

const TYPES = ["Assets", "Liabilities", "Equity", "Income", "Expenses"];

function typeOrder(name: string): number {
  const at = TYPES.indexOf(name.split(":")[0] ?? "");
  return at === -1 ? TYPES.length : at;
}

function byAccount(a: string, b: string): number {
  return typeOrder(a) - typeOrder(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** The currencies of balances, in order of their names. */
export function currenciesOf(items: Iterable<{ currency: string }>): string[] {
  return [...new Set([...items].map((item) => item.currency))].sort();
}

/** The currency that most accounts have, "" where there is none. */
export function mainCurrency(items: readonly { currency: string }[]): string {
  const counts = currenciesOf(items).map((currency) => ({
    currency,
    count: items.filter((item) => item.currency === currency).length,
  }));
  return counts.reduce((most, one) => (one.count > most.count ? one : most), {
    currency: "",
    count: 0,
  }).currency;
}

/** One currency's accounts as a forest of Assets, Liabilities, Equity, Income and Expenses. */
export function accountTree(items: Iterable<AccountSum>, currency: string): AccountNode[] {
  const roots: AccountNode[] = [];
  const sorted = [...items]
    .filter((item) => item.currency === currency)
    .sort((a, b) => byAccount(a.account, b.account));

  for (const item of sorted) {
    let siblings = roots;
    const parts = item.account.split(":");
    parts.forEach((label, depth) => {
      const name = parts.slice(0, depth + 1).join(":");
      let node = siblings.find((sibling) => sibling.name === name);
      if (!node) {
        node = { name, label, depth, own: null, total: "0", children: [] };
        siblings.push(node);
      }
      node.total = add(node.total, item.balance);
      if (depth === parts.length - 1) node.own = item.balance;
      siblings = node.children;
    });
  }
  return roots;
}

/** The rows to show: a node's children only where it is not folded. */
export function visibleRows(nodes: AccountNode[], folded: ReadonlySet<string>): AccountNode[] {
  return nodes.flatMap((node) =>
    folded.has(node.name) ? [node] : [node, ...visibleRows(node.children, folded)],
  );
}
