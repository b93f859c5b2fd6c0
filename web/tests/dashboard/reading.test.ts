import { expect, test } from "vitest";
import { parseCsv } from "../../src/dashboard/jobs/csv";
import { type Preview, PARTS, partsThatAnswer, profileOf, takenText } from "../../src/dashboard/jobs/reading";

test("a profile holds only what was told; columns and lines are numbers", () => {
  expect(profileOf({})).toBeNull();
  expect(profileOf({ sign: "" })).toBeNull();
  expect(JSON.parse(profileOf({ date_order: "dmy", date_column: "2", header_row: "0", currency: "EUR" }) ?? "")).toEqual({
    date_order: "dmy",
    date_column: 2,
    header_row: 0,
    currency: "EUR",
  });
  expect(JSON.parse(profileOf({ amount_column: "Betrag" }) ?? "")).toEqual({ amount_column: "Betrag" });
});

test("every question of the reader can be answered in the form", () => {
  const keys = PARTS.map((part) => part.key);
  for (const code of ["date-order-ambiguous", "currency-unknown", "sign-unknown"])
    expect(partsThatAnswer(code).every((key) => keys.includes(key))).toBe(true);
  expect(partsThatAnswer("date-order-ambiguous")).toEqual(["date_order"]);
  expect(partsThatAnswer("no-text")).toEqual([]);
});

test("what was taken is said in words", () => {
  const preview = {
    reading: { profile: { date_column: 2, delimiter: "\t", date_order: "dmy" }, columns: ["Nr", "Datum"] },
  } as unknown as Preview;
  const text = (key: string) => takenText(preview, PARTS.find((part) => part.key === key) ?? { key, label: key });
  expect(text("date_column")).toBe("Datum");
  expect(text("delimiter")).toBe("tab");
  expect(text("date_order")).toBe("day, month, year");
  expect(text("currency")).toBe("");
});

test("CSV of the API with quotes, commas and line ends in its fields", () => {
  expect(parseCsv('line,raw,note\r\n2,"a ""b"", c\nd",\r\n3,,x\r\n')).toEqual([
    { line: "2", raw: 'a "b", c\nd', note: "" },
    { line: "3", raw: "", note: "x" },
  ]);
  expect(parseCsv("line,raw\n")).toEqual([]);
});
