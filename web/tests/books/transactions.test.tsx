import { act } from "react";
import { expect, test } from "vitest";
import Transactions from "../../src/dashboard/books/Transactions";
import {
  type Call, CHART, button, click, press, problem, show, transaction, type,
} from "./page";

const HTML = `<img src=x onerror="window.hacked = 1"><script>window.hacked = 1</script>`;
const OFFER = { rule: "rule X\n", would_change: 1, transactions: ["9"], more: false };

const answered = (account: string) => ({
  answer_id: "7", changed: 1, offer: OFFER,
  transaction: transaction("1", { account, source: "user", status: "categorized", entry_id: "5" }),
});

function books(answer: (call: Call) => unknown, items = [transaction("1")]) {
  return (call: Call) => {
    if (call.path === "/api/accounts") return CHART;
    if (call.path === "/api/transactions" && call.query.get("transaction_id"))
      return { items: [transaction(call.query.get("transaction_id") ?? "")], next_cursor: null };
    if (call.path === "/api/transactions") return { items, next_cursor: null };
    return answer(call);
  };
}

test("what a bank wrote is text, whatever it holds", async () => {
  const items = [transaction("1", { description: HTML, reference: HTML, suggestion: HTML })];
  const { element } = await show(<Transactions />, "", books(() => ({}), items));
  expect(element.textContent).toContain(HTML);
  expect(element.querySelector("img, script")).toBeNull();
  expect("hacked" in window).toBe(false);
});

test("filters come from the address and go to the API", async () => {
  const { calls } = await show(
    <Transactions />, "&q=tesco&status=needs_review&from=2026-01-01&job=job_1", books(() => ({})));
  const asked = calls.find((call) => call.path === "/api/transactions");
  expect(Object.fromEntries(asked?.query ?? [])).toMatchObject({
    tenant_id: "t1", company_id: "acme", q: "tesco", status: "needs_review", from: "2026-01-01",
    job_id: "job_1",
  });
});

test("a filter that is chosen keeps the focus, and shows what the address says", async () => {
  const { calls, settle } = await show(<Transactions />, "&shown=200", books(() => ({})));
  const status = document.querySelector<HTMLSelectElement>("select[name=status]");
  if (!status) throw new Error("no filter by status");
  status.focus();
  await act(async () => {
    status.value = "needs_review";
    status.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await settle();
  expect(window.location.search).toBe("?tenant=t1&company=acme&status=needs_review");
  expect(calls.at(-1)?.query.get("status")).toBe("needs_review");
  expect(document.activeElement).toBe(status);
  await click(button("Clear"));
  expect(document.querySelector<HTMLSelectElement>("select[name=status]")?.value).toBe("");
});

test("how much is shown is in the address: a reload shows as much", async () => {
  const page = (call: Call) =>
    call.path === "/api/accounts" ? CHART : {
      items: [transaction(call.query.get("cursor") ?? "1")],
      next_cursor: call.query.get("cursor") ? null : "2",
    };
  const { calls, settle } = await show(<Transactions />, "", page);
  const asked = () => calls.filter((call) => call.path === "/api/transactions")
    .map(({ query }) => [query.get("limit"), query.get("cursor")]);
  await click(button("More transactions"));
  await settle();
  expect(asked()).toEqual([["50", null], ["50", "2"]]);
  const { search } = window.location;
  expect(search).toContain("shown=51");
  const again = await show(<Transactions />, search.replace("?tenant=t1&company=acme", ""), page);
  expect(again.calls.find((call) => call.path === "/api/transactions")?.query.get("limit")).toBe("51");
});

test("a correction names the entry that was seen, shows what is booked, and can be undone", async () => {
  const { element, calls } = await show(<Transactions />, "", books((call) =>
    call.path.endsWith("/undo") ? { answer_id: "7", restored: 1, changed_meanwhile: 0 }
      : answered("Expenses:Gifts")));
  await click(button("Expenses:Uncategorised: change"));
  await type("gift");
  await press("Enter");
  expect(calls.at(-1)).toMatchObject({
    path: "/api/transactions/1/categorize",
    body: { account: "Expenses:Gifts", learn: true, entry_id: "1" },
  });
  expect(button("Expenses:Gifts: change")).toBeDefined();
  expect(element.textContent).toContain("one other that waits");
  await click(button("Undo"));
  expect(calls.some((call) => call.path === "/api/answers/7/undo")).toBe(true);
  expect(button("Expenses:Uncategorised: change")).toBeDefined();
});

test("somebody was quicker: what stands there now is shown, and asked about", async () => {
  let tries = 0;
  const present = transaction("1", { account: "Expenses:Food:Coffee", source: "user", entry_id: "4" });
  const { element, calls } = await show(<Transactions />, "", books(() =>
    ++tries === 1 ? problem(409, "entry-changed", { present }) : answered("Expenses:Gifts")));
  await click(button("Expenses:Uncategorised: change"));
  await type("gift");
  await press("Enter");
  expect(element.querySelector("[role=alert]")?.textContent).toContain("Expenses:Food:Coffee");
  await click(button("Book it to Expenses:Gifts all the same"));
  expect(calls.at(-1)?.body).toMatchObject({ account: "Expenses:Gifts", entry_id: "4" });
  expect(button("Expenses:Gifts: change")).toBeDefined();
});

test("keeping the offered rule adds it to the rules as they are, also when they just changed", async () => {
  const puts: unknown[] = [];
  const { element } = await show(<Transactions />, "", books((call) => {
    if (call.path !== "/api/rules") return answered("Expenses:Gifts");
    if (call.method === "GET") return { version: `v${puts.length}`, rules: "rule A\n" };
    puts.push(call.body);
    return puts.length === 1 ? problem(409, "version-changed") : { version: "v9", rules: "" };
  }));
  await click(button("Expenses:Uncategorised: change"));
  await type("gift");
  await press("Enter");
  await click(button("Keep this rule"));
  expect(puts).toEqual([
    { version: "v0", rules: "rule A\n\nrule X\n" }, { version: "v1", rules: "rule A\n\nrule X\n" },
  ]);
  expect(element.textContent).toContain("The rule is kept.");
});

test("an error of the API is said, with another try where that may help", async () => {
  const { element } = await show(<Transactions />, "", (call) =>
    call.path === "/api/accounts" ? CHART : problem(422, "invalid", {
      errors: [{ loc: ["query", "from"], msg: "no such day", type: "date" }] }));
  expect(element.querySelector("[role=alert]")?.textContent).toContain("no such day");
});
