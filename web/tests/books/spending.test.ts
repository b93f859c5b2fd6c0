import { expect, test } from "vitest";
import { drawn, monthsBetween, REST, spendingOf } from "../../src/dashboard/books/spending";

const item = (month: string, account: string, amount: string, currency = "USD") =>
  ({ month, account, amount, currency });
const ITEMS = [
  item("2025-11", "Expenses:Food:Coffee", "2.00"), item("2025-11", "Expenses:Food", "3.00"),
  item("2026-01", "Expenses:Rent", "500.00"), item("2026-01", "Expenses:Food:Coffee", "-1.00"),
  item("2026-01", "Expenses:Gifts", "1.00"), item("2026-01", "Expenses:Pets", "0.50"),
  item("2026-01", "Income:Salary", "-900.00"), item("2026-01", "Expenses:Rent", "7", "JPY"),
];

test("months go over the end of a year, and none is left out", () => {
  expect(monthsBetween("2025-11", "2026-02")).toEqual(["2025-11", "2025-12", "2026-01", "2026-02"]);
  expect(monthsBetween("2026-02", "2026-02")).toEqual(["2026-02"]);
});

test("the largest accounts are told apart and the rest is one", () => {
  const { series, totals } = spendingOf(ITEMS, {
    under: "Expenses", currency: "USD", months: monthsBetween("2025-11", "2026-01"), most: 3,
  });
  expect(series).toEqual([
    { name: "Expenses:Rent", amounts: ["0", "0", "500.00"], total: "500.00" },
    { name: "Expenses:Food", amounts: ["5.00", "0", "-1.00"], total: "4.00" },
    { name: REST, amounts: ["0", "0", "1.50"], total: "1.50" },
  ]);
  expect(totals).toEqual(["5.00", "0", "500.50"]);
});

test("below an account its own children are told apart", () => {
  const { series } = spendingOf(ITEMS, {
    under: "Expenses:Food", currency: "USD", months: ["2025-11"], most: 8,
  });
  expect(series.map(({ name, total }) => [name, total])).toEqual(
    [["Expenses:Food", "3.00"], ["Expenses:Food:Coffee", "2.00"]]);
});

test("what came back is not drawn below the line", () => {
  expect([drawn("-1.00"), drawn("2.00")]).toEqual(["0", "2.00"]);
});
