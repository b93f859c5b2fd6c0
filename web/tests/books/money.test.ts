import { describe, expect, test } from "vitest";
import {
  add, compare, formatMoney, negate, ratio, signOf, sum,
} from "../../src/dashboard/books/money";

describe("money", () => {
  test("adds what a float cannot hold", () => {
    expect(add("0.10", "0.20")).toBe("0.30");
    expect(add("90071992547409.93", "0.01")).toBe("90071992547409.94");
    expect(sum(Array.from({ length: 1000 }, () => "0.01"))).toBe("10.00");
    expect(add("92233720368547758.07", "-92233720368547758.07")).toBe("0.00");
  });

  test("keeps the places of a currency, and takes the most of two", () => {
    expect(add("1500", "-2000")).toBe("-500");
    expect(add("1.500", "-0.001")).toBe("1.499");
    expect(add("0", "1.25")).toBe("1.25");
    expect(add("-0.05", "0.00")).toBe("-0.05");
  });

  test("turns and compares signs", () => {
    expect(negate("12.30")).toBe("-12.30");
    expect(negate("-0.01")).toBe("0.01");
    expect(negate("0.00")).toBe("0.00");
    expect([signOf("-0.01"), signOf("0.00"), signOf("3")]).toEqual([-1, 0, 1]);
    expect([compare("1.10", "1.2"), compare("-1", "-1.00"), compare("10", "9.99")])
      .toEqual([-1, 0, 1]);
  });

  test("is read with its thousands apart and a minus as wide as a digit", () => {
    expect(formatMoney("-1234567.5")).toBe("−1,234,567.5");
    expect(formatMoney("999.99")).toBe("999.99");
    expect(formatMoney("1000")).toBe("1,000");
    expect(formatMoney("0.0012345")).toBe("0.0012345");
    expect(formatMoney("12.00", { plus: true })).toBe("+12.00");
    expect(formatMoney("0.00", { plus: true })).toBe("0.00");
  });

  test("gives a length for drawing, also beside nothing", () => {
    expect(ratio("25.00", "100.00")).toBe(0.25);
    expect(ratio("1", "3.0")).toBeCloseTo(1 / 3, 5);
    expect(ratio("1.00", "0.00")).toBe(0);
  });

  test("refuses what is no amount", () => {
    for (const text of ["", "1e5", "NaN", "1,5", "--1", "1."])
      expect(() => add(text, "0")).toThrow(RangeError);
  });
});
