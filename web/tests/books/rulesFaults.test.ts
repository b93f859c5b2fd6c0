import { expect, test } from "vitest";
import { faultsOf, offsetOf, withRule } from "../../src/dashboard/books/rulesFaults";

test("faults are in order of their places, and only those of the text", () => {
  expect(faultsOf([
    { loc: ["body", "rules", 2, 11], msg: "second" }, { loc: ["body", "version"], msg: "no" },
    { loc: ["body", "rules", 1, 53], msg: "first" }, { loc: ["body", "rules"], msg: "all" },
  ], "rules")).toEqual([
    { line: 0, column: 0, message: "all" }, { line: 1, column: 53, message: "first" },
    { line: 2, column: 11, message: "second" },
  ]);
});

test("a column counts characters, a place in the field UTF-16 units", () => {
  const text = "rule A\nif 😀 then x\nlast";
  expect(text.slice(offsetOf(text, 2, 6))).toBe("then x\nlast");
  expect(text.slice(offsetOf(text, 1, 1))).toBe(text);
  expect(offsetOf(text, 9, 1)).toBe(text.length);
});

test("a rule is added at the end, a blank line before it", () => {
  expect(withRule("", "rule A\n    then x\n")).toBe("rule A\n    then x\n");
  expect(withRule("rule A\n\n\n", "rule B")).toBe("rule A\n\nrule B\n");
});
