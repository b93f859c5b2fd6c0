import { expect, test } from "vitest";
import Balances from "../../src/dashboard/books/Balances";
import Entries from "../../src/dashboard/books/Entries";
import Export from "../../src/dashboard/books/Export";
import Imports from "../../src/dashboard/books/Imports";
import Rules from "../../src/dashboard/books/Rules";
import { type Call, button, CHART, click, problem, show, type } from "./page";

const HTML = "<img src=x onerror=alert(1)>";

const entry = (id: string, more: object = {}) => ({
  id, date: "2026-01-02", description: HTML, transaction_id: "1", job_id: null, reverses: null,
  reversed_by: null, confidence: 1, source: "user", decided_by: "user",
  lines: [
    { account: "Expenses:Gifts", amount: "5.00", currency: "USD" },
    { account: "Assets:Bank", amount: "-5.00", currency: "USD" },
  ], ...more,
});

test("a reversal leads to what it takes back, on this page or to all of its transaction", async () => {
  const items = [entry("3", { reverses: "2" }), entry("2", { reversed_by: "3" }),
    entry("8", { reverses: "4" })];
  const { element } = await show(<Entries />, "", (call) =>
    call.path === "/api/accounts" ? CHART : { items, next_cursor: null });
  const links = [...element.querySelectorAll("a")].filter((a) => /^entry/.test(a.textContent ?? ""));
  expect(links.map((a) => a.getAttribute("href"))).toEqual([
    "#entry-2", "#entry-3", "/dashboard/entries?tenant=t1&company=acme&transaction=1"]);
  expect(element.textContent).toContain(HTML);
  expect(element.querySelector("img")).toBeNull();
});

const BALANCES = {
  items: [
    { account: "Assets:Bank", currency: "USD", debit: "10.00", credit: "4.50", balance: "5.50" },
    { account: "Expenses:Gifts", currency: "USD", debit: "4.50", credit: "0.00", balance: "4.50" },
    { account: "Income:Pay", currency: "USD", debit: "0.00", credit: "10.00", balance: "-10.00" },
  ],
  totals: [{ currency: "USD", debit: "14.50", credit: "14.50" }],
};
const MONTHLY = {
  from: "2025-02-01", to: "2026-01-31",
  items: [{ month: "2026-01", account: "Expenses:Gifts", currency: "USD", amount: "4.50" }],
};

function sums(call: Call) {
  if (call.path.endsWith("/monthly")) return MONTHLY;
  return call.path.endsWith("/balances") ? BALANCES : { items: [], next_cursor: null };
}

test("a trial balance shows that it sums to zero, and folds", async () => {
  const { element } = await show(<Balances />, "&at=2026-01-31", sums);
  expect(element.querySelector(".books-balance tfoot")?.textContent).toContain("14.50");
  expect(element.querySelector(".books-balance tfoot")?.textContent).toContain("✓ balanced");
  expect(element.querySelector(".books-balance tfoot td")?.textContent).toBe("0.00");
  const rows = () => element.querySelectorAll(".books-balance tbody tr").length;
  expect(rows()).toBe(6);
  await click(button("Assets: accounts below it"));
  expect(rows()).toBe(5);
});

test("the chart says its values, and has them in a table", async () => {
  const { element, calls } = await show(<Balances />, "&at=2026-01-31&months=24", sums);
  expect(element.querySelector("[role=slider]")?.getAttribute("aria-valuetext")).toBe(
    "Jan 2026: 4.50 USD");
  expect(element.querySelector(".books-months tbody")?.textContent).toContain("4.50");
  const asked = calls.find((call) => call.path.endsWith("/monthly"));
  expect(asked?.query.get("to")).toBe("2026-01-31");
  expect(asked?.query.get("months")).toBe("24");
});

test("faults of the rules stand at their lines, and nothing is lost", async () => {
  sessionStorage.clear();
  const { element } = await show(<Rules />, "", (call) =>
    call.method === "PUT"
      ? problem(422, "rules-syntax", {
        errors: [{ loc: ["body", "rules", 2, 3], msg: "a text is wanted", type: "rules-syntax" }] })
      : { version: "v1", rules: "rule A" });
  const field = element.querySelector("textarea");
  await type("rule A\nif x", field);
  await click(button("Save"));
  expect(button("Line 2, column 3")).toBeDefined();
  expect(element.textContent).toContain("a text is wanted");
  expect(element.querySelector(".books-faulty")?.textContent).toBe("2");
  await click(button("Line 2, column 3"));
  expect(document.activeElement).toBe(field);
  expect([field?.selectionStart, field?.value]).toEqual([9, "rule A\nif x"]);
});

test("rules that somebody else saved meanwhile are not overwritten unasked", async () => {
  sessionStorage.clear();
  let version = 1;
  const puts: unknown[] = [];
  await show(<Rules />, "", (call) => {
    if (call.method !== "PUT") return { version: `v${version++}`, rules: "rule A" };
    puts.push(call.body);
    return puts.length === 1 ? problem(409, "version-changed") : { version: "v9", rules: "mine" };
  });
  await type("mine", document.querySelector("textarea"));
  await click(button("Save"));
  expect(document.body.textContent).toContain("Somebody else saved another text");
  await click(button("Save mine over it"));
  expect(puts).toEqual([{ rules: "mine", version: "v1" }, { rules: "mine", version: "v2" }]);
});

test("what is typed into the rules outlives a reload, until it is saved or discarded", async () => {
  sessionStorage.clear();
  const server = () => ({ version: "v1", rules: "rule A" });
  await show(<Rules />, "", server);
  await type("rule B", document.querySelector("textarea"));
  await show(<Rules />, "", server);
  expect(document.querySelector("textarea")?.value).toBe("rule B");
  await click(button("Discard changes"));
  expect(document.querySelector("textarea")?.value).toBe("rule A");
});

test("each format is a link that the browser downloads, with the days of the address", async () => {
  const { element } = await show(<Export />, "&from=2026-01-01", () => ({}));
  const links = [...element.querySelectorAll("a[download]")];
  expect(links.map((a) => new URL(a.getAttribute("href") ?? "", "http://x").search)).toEqual(
    ["hledger", "ledger", "beancount", "csv", "json"].map(
      (format) => `?tenant_id=t1&company_id=acme&format=${format}&from=2026-01-01`));
});

test("an import that is not taken back says why", async () => {
  const item = {
    job_id: "job_1", status: "complete", bank_account: "Assets:Bank", currency: "USD",
    file_name: HTML, begun_at: null, finished_at: null, result: { inserted: 1200, duplicates: 5 }, kept: 2,
  };
  const { element } = await show(<Imports />, "", (call) =>
    call.path.endsWith("/undo") ? problem(409, "job-running") : { items: [item], next_cursor: null });
  expect(element.textContent).toContain(HTML);
  expect(element.querySelector("img")).toBeNull();
  expect(element.textContent).toContain("1,202 booked · 3 known before");
  await click(button(`Take back ${HTML}`));
  await click(button("Take it back"));
  expect(element.querySelector("[role=alert]")?.textContent).toContain("still running");
});
