import { expect, test } from "vitest";
import { decisionText, percentOf, ruleOf } from "../../src/dashboard/books/decision";

test("a rule is named without its version", () => {
  expect(ruleOf("rule:Ways of paying: persons@19214d7e8fe3")).toBe("Ways of paying: persons");
  expect(ruleOf("user")).toBeNull();
  expect(decisionText({ source: "rule", decided_by: "rule:A@0f", confidence: 1 })).toBe("Rule A");
  expect(decisionText({ source: "rule", decided_by: "strange", confidence: 1 })).toBe("Rule");
});

test("how sure is said only where it says something", () => {
  expect(percentOf({ source: "rule", decided_by: "", confidence: 0.955 })).toBe(96);
  expect(percentOf({ source: "llm", decided_by: "", confidence: 0 })).toBe(0);
  expect(percentOf({ source: "user", decided_by: "", confidence: 1 })).toBeNull();
  expect(percentOf({ source: "none", decided_by: "", confidence: 0 })).toBeNull();
});
