import { describe, expect, it } from "vitest";
import { parseCsv } from "../../src/dashboard/jobs/csv";
import { type Preview, PARTS, partsThatAnswer, profileOf, takenText } from "../../src/dashboard/jobs/reading";
import { bytes, duration, time } from "../../src/dashboard/shell/format";
import { undoneText } from "../../src/dashboard/shell/undone";
import { HOME, ROUTES, routeOf } from "../../src/dashboard/shell/routes";

describe("format", () => {
  it.each([
    [0, "0 ms"], [999.4, "999 ms"], [999.6, "1 s"], [1250, "1.3 s"], [59_940, "59.9 s"],
    [59_960, "1 min 0 s"], [119_700, "2 min 0 s"], [3_599_600, "1 h 0 min"], [5_400_000, "1 h 30 min"],
  ])("a duration of %d ms is %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
  it.each([
    [0, "0 B"], [1023, "1023 B"], [1024, "1 KiB"], [191_022, "186.5 KiB"], [5 * 2 ** 30, "5 GiB"],
    [5 * 2 ** 40, "5,120 GiB"],
  ])("a size of %d bytes is %s", (n, text) => {
    expect(bytes(n)).toBe(text);
  });
  it("names the day only if it is another one", () => {
    const now = new Date("2026-11-27T15:00:00");
    expect(time("2026-11-27T14:03:22", now)).toBe(new Date("2026-11-27T14:03:22").toLocaleTimeString());
    expect(time("2026-11-26T14:03:22", now)).toContain(new Date("2026-11-26T12:00:00").toLocaleDateString());
  });
});

describe("an import that was taken back", () => {
  const told = { job_id: "job_1", removed: 1200, reversed: 1190, kept: 0 };
  it("is counted, or still going on", () => {
    expect(undoneText(told)).toBe("Taken back: 1,200 transactions");
    expect(undoneText({ ...told, removed: 1 })).toBe("Taken back: 1 transaction");
    expect(undoneText({ ...told, kept: 7 }))
      .toBe("Taken back: 1,200 transactions, 7 stay: another import has them too");
    expect(undoneText({ job_id: "job_1", status: "running" })).toBe("It is large: it goes on being taken back");
  });
});

describe("parseCsv", () => {
  it("reads what the API writes: quotes, commas and line breaks in them", () => {
    const text = 'line,reason,record\r\n3,no-date,"a,""b"" c"\r\n9,broken,"two\r\nlines"\r\n';
    expect(parseCsv(text)).toEqual([
      { line: "3", reason: "no-date", record: 'a,"b" c' },
      { line: "9", reason: "broken", record: "two\r\nlines" },
    ]);
  });
  it.each([
    ["", []],
    ["a,b\n", []],
    ["a,b\n1,2", [{ a: "1", b: "2" }]],
    ["a,b\n1,", [{ a: "1", b: "" }]],
    ["a,b\n,\n", [{ a: "", b: "" }]],
    ["a,b\n1\n", [{ a: "1", b: "" }]],
  ])("of %j is %j", (text, records) => {
    expect(parseCsv(text)).toEqual(records);
  });
});

describe("the reading of a file", () => {
  const preview = {
    reading: {
      columns: ["Datum", "Betrag"],
      profile: { date_column: 1, amount_column: 9, delimiter: "\t", decimal_mark: ",", currency: "EUR" },
    },
  } as unknown as Preview;
  const part = (key: string) => PARTS.find((one) => one.key === key) as (typeof PARTS)[number];

  it("sends what was told, numbers as numbers", () => {
    expect(profileOf({})).toBeNull();
    expect(profileOf({ currency: "" })).toBeNull();
    expect(JSON.parse(profileOf({
      header_row: "0", date_column: "2", amount_column: "Betrag", currency: "EUR", delimiter: "1",
    }) ?? "")).toEqual({ header_row: 0, date_column: 2, amount_column: "Betrag", currency: "EUR", delimiter: "1" });
  });
  it("says in words what was taken", () => {
    expect(takenText(preview, part("date_column"))).toBe("Datum");
    expect(takenText(preview, part("amount_column"))).toBe("column 9");
    expect(takenText(preview, part("delimiter"))).toBe("tab");
    expect(takenText(preview, part("decimal_mark"))).toBe("comma: 1.234,56");
    expect(takenText(preview, part("currency"))).toBe("EUR");
    expect(takenText(preview, part("sign"))).toBe("");
    expect(takenText({ ...preview, reading: null }, part("currency"))).toBe("");
  });
  it("answers a question only with parts that can be told", () => {
    expect(partsThatAnswer("date-order-ambiguous")).toEqual(["date_order"]);
    expect(partsThatAnswer("not-a-csv")).toEqual([]);
    for (const code of ["sign-unknown", "header-not-found", "no-amount-column"])
      for (const key of partsThatAnswer(code)) expect(part(key), key).toBeDefined();
  });
});

describe("routeOf", () => {
  it("finds each view at its address", () => {
    for (const route of ROUTES) expect(routeOf(route.path)?.route).toBe(route);
    expect(routeOf(`${HOME}/`)?.route.path).toBe(HOME);
  });
  it("finds a job by its id", () => {
    expect(routeOf(`${HOME}/job_1`)).toMatchObject({ id: "job_1", route: { title: "Job" } });
    expect(routeOf(`${HOME}/a%20b`)).toBeNull();
  });
  it("of an address that nobody made is nothing, or no job", () => {
    expect(routeOf("/dashboard/else")).toBeNull();
    expect(routeOf("/")).toBeNull();
    expect(routeOf(`${HOME}/job_1/x`)).toBeNull();
    expect(routeOf(`${HOME}/%E0%`)).toBeNull();
  });
});
