import { expect, test } from "vitest";
import { monthLabels, monthText, ticks, tickText } from "../../src/dashboard/shell/scale";

test("ticks are round and reach the largest value", () => {
  expect(ticks(97, 4)).toEqual([0, 50, 100]);
  expect(ticks(1234, 4)).toEqual([0, 500, 1000, 1500]);
  expect(ticks(0.4, 4)).toEqual([0, 0.1, 0.2, 0.30000000000000004, 0.4]);
  expect(ticks(0, 4)).toEqual([0]);
});

test("large values are short on the axis", () => {
  expect([0, 950, 12_500, 2_000_000].map(tickText)).toEqual(["0", "950", "12.5K", "2M"]);
});

test("months are named", () => {
  expect(monthText("2026-01")).toBe("Jan 2026");
  expect(monthText("2026-12", { year: false })).toBe("Dec");
});

test("below the months stand their names, or the years where there are many", () => {
  const months = ["2024-11", "2024-12", "2025-01", "2025-02"];
  expect(monthLabels(months, 1)).toEqual(["Nov", "Dec", "Jan", "Feb"]);
  expect(monthLabels(months, 2)).toEqual(["", "Dec", "", "Feb"]);
  expect(monthLabels(months, 7)).toEqual(["", "", "2025", ""]);
});
