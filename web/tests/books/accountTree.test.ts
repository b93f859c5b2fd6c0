import { expect, test } from "vitest";
import {
  accountTree, currenciesOf, mainCurrency, visibleRows,
} from "../../src/dashboard/books/accountTree";

const ITEMS = [
  { account: "Income:Salary", currency: "USD", balance: "-100.00" },
  { account: "Expenses:Food", currency: "USD", balance: "1.00" },
  { account: "Expenses:Food:Coffee", currency: "USD", balance: "2.50" },
  { account: "Expenses:Food:Groceries", currency: "USD", balance: "40.00" },
  { account: "Expenses:Foodstuff", currency: "USD", balance: "0.25" },
  { account: "Assets:Bank:Checking", currency: "USD", balance: "56.25" },
  { account: "Assets:Bank:Checking", currency: "JPY", balance: "500" },
];

test("accounts are a tree with subtotals, in the order of a balance sheet", () => {
  const rows = visibleRows(accountTree(ITEMS, "USD"), new Set());
  expect(rows.map(({ name, depth, own, total }) => [name, depth, own, total])).toEqual([
    ["Assets", 0, null, "56.25"],
    ["Assets:Bank", 1, null, "56.25"],
    ["Assets:Bank:Checking", 2, "56.25", "56.25"],
    ["Income", 0, null, "-100.00"],
    ["Income:Salary", 1, "-100.00", "-100.00"],
    ["Expenses", 0, null, "43.75"],
    ["Expenses:Food", 1, "1.00", "43.50"],
    ["Expenses:Food:Coffee", 2, "2.50", "2.50"],
    ["Expenses:Food:Groceries", 2, "40.00", "40.00"],
    ["Expenses:Foodstuff", 1, "0.25", "0.25"],
  ]);
});

test("a folded account hides those below it and keeps its total", () => {
  const rows = visibleRows(accountTree(ITEMS, "USD"), new Set(["Expenses", "Assets:Bank"]));
  expect(rows.map(({ name }) => name)).toEqual(
    ["Assets", "Assets:Bank", "Income", "Income:Salary", "Expenses"]);
});

test("currencies never meet", () => {
  expect(currenciesOf(ITEMS)).toEqual(["JPY", "USD"]);
  expect([mainCurrency(ITEMS), mainCurrency([])]).toEqual(["USD", ""]);
  expect(accountTree(ITEMS, "JPY").map(({ total }) => total)).toEqual(["500"]);
});
