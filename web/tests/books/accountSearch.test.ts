import { expect, test } from "vitest";
import { searchAccounts } from "../../src/dashboard/books/accountSearch";

const CHART = [
  "Assets:Bank:Checking", "Expenses:Food", "Expenses:Food:Coffee", "Expenses:Food:Groceries",
  "Expenses:Gifts", "Expenses:Health:Dentist", "Expenses:Café", "Income:Gifts",
];

test("every word typed must be in the name, without case and accents", () => {
  expect(searchAccounts(CHART, "coffee")).toEqual(["Expenses:Food:Coffee"]);
  expect(searchAccounts(CHART, "FOOD gro")).toEqual(["Expenses:Food:Groceries"]);
  expect(searchAccounts(CHART, "exp:gif")).toEqual(["Expenses:Gifts"]);
  expect(searchAccounts(CHART, "cafe")).toEqual(["Expenses:Café"]);
  expect(searchAccounts(CHART, "nothing such")).toEqual([]);
});

test("a part typed whole goes before one that begins so, and that before one that holds it", () => {
  expect(searchAccounts(["Expenses:Seafood", "Expenses:Foods", "Expenses:Food"], "food")).toEqual(
    ["Expenses:Food", "Expenses:Foods", "Expenses:Seafood"]);
});

test("nothing typed is the whole chart in its own order", () => {
  expect(searchAccounts(CHART, "  ")).toEqual(CHART);
});
