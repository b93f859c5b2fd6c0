import { expect, test } from "vitest";
import { chartText } from "../../src/dashboard/books/chartText";

test("the chart is a line an account, as the API takes it", () => {
  expect(chartText([
    { name: "Assets:Bank:Giro", currency: "EUR", note: "the everyday account" },
    { name: "Expenses:Food", currency: null, note: "" },
    { name: "Expenses:Gifts", currency: null, note: "for others" },
  ])).toBe(
    "Assets:Bank:Giro EUR ; the everyday account\nExpenses:Food\nExpenses:Gifts ; for others\n");
});
