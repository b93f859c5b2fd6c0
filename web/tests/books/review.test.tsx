import { expect, test } from "vitest";
import Review from "../../src/dashboard/books/Review";
import type { Group } from "../../src/dashboard/books/reviewMachine";
import { type Call, CHART, click, press, problem, show, transaction, type } from "./page";

const group = (merchant: string, count: number): Group => ({
  merchant, count, direction: "out", currency: "USD", amount: "-5.00", first_date: "2026-01-01",
  last_date: "2026-01-02", last_entry_id: "9", transaction_id: "4", description: merchant,
});

/** Books with a queue that answers shorten, as the real ones. */
function books(answer?: (call: Call) => unknown) {
  let groups = [group("tesco", 3), group("uber", 2), group("zythral", 1)];
  const before = new Map<string, Group[]>();
  let answers = 0;
  return (call: Call): unknown => {
    const told = answer?.(call);
    if (told) return told;
    if (call.path === "/api/accounts") return CHART;
    if (call.query.get("group")) return { items: groups, next_cursor: null };
    if (call.path === "/api/transactions") {
      const merchant = call.query.get("merchant") ?? "";
      const of = groups.find((one) => one.merchant === merchant);
      const items = Array.from({ length: of?.count ?? 0 }, (_, i) =>
        transaction(`${merchant}-${i}`, { description: `${merchant} ${i}` }));
      return { items, next_cursor: null };
    }
    if (call.path.endsWith("/undo")) {
      groups = before.get(call.path.split("/")[3] ?? "") ?? groups;
      return { answer_id: "1", restored: 1, changed_meanwhile: 0 };
    }
    const id = String(++answers);
    const { merchant, account } = call.body as { merchant?: string; account: string };
    const name = merchant ?? call.path.split("/")[3]?.split("-")[0] ?? "";
    const changed = merchant ? (groups.find((one) => one.merchant === name)?.count ?? 0) : 1;
    before.set(id, groups);
    groups = groups
      .map((one) => (one.merchant === name ? { ...one, count: one.count - changed } : one))
      .filter((one) => one.count > 0);
    return { answer_id: id, changed, transaction: transaction("1", { account }), offer: null };
  };
}

const heading = () => document.querySelector("h2")?.textContent;
const progress = () => document.querySelector("progress")?.getAttribute("aria-valuetext");

test("a group is answered by keys alone: search, Enter, and the next one is there", async () => {
  const { calls, settle } = await show(<Review />, "", books());
  expect(heading()).toBe("tesco");
  await press("/");
  expect(document.activeElement?.getAttribute("role")).toBe("combobox");
  await type("grocer");
  await press("Enter");
  await settle();
  expect(calls.find((call) => call.path === "/api/transactions/categorize")?.body).toEqual({
    account: "Expenses:Food:Groceries", learn: true, merchant: "tesco", direction: "out",
    currency: "USD", last_entry_id: "9",
  });
  expect(heading()).toBe("uber");
  expect(progress()).toBe("3 answered, 3 wait in 2 groups");
  /* A stranger's word within a sentence: its marks of direction end with it. */
  expect(document.querySelector(".books-last bdi")?.textContent).toBe("tesco");
});

test("the focus goes on with the next group, and at the end stays in the view", async () => {
  const { element, settle } = await show(<Review />, "", books());
  for (const next of ["uber", "zythral", undefined]) {
    await press("/");
    await type("gift");
    await press("Enter");
    await settle();
    expect(document.activeElement?.querySelector("h2")?.textContent)
      .toBe(next ?? "Nothing waits for review");
  }
  expect(element.contains(document.activeElement)).toBe(true);
});

test("the focus goes on with the next group when one is put aside by its button", async () => {
  await show(<Review />, "", books());
  const aside = [...document.querySelectorAll("button")].find((one) => one.textContent === "Put aside s");
  aside?.focus();
  await click(aside);
  expect(document.activeElement?.querySelector("h2")?.textContent).toBe("uber");
});

test("undo is one key and brings the group back", async () => {
  const { settle } = await show(<Review />, "", books());
  await press("j");
  await press("/");
  await type("gift");
  await press("Enter");
  await settle();
  expect(heading()).toBe("zythral");
  await press("u");
  await settle();
  expect(heading()).toBe("uber");
  expect(progress()).toBe("0 answered, 6 wait in 3 groups");
});

test("one by one only the one looked at is answered", async () => {
  const { calls, settle } = await show(<Review />, "", books());
  await press("o");
  await press("j");
  await press("/");
  await type("coffee");
  await press("Enter");
  await settle();
  expect(calls.find((call) => call.path.endsWith("/categorize"))?.path).toBe(
    "/api/transactions/tesco-1/categorize");
  expect(heading()).toBe("tesco");
  expect(progress()).toBe("1 answered, 5 wait in 3 groups");
});

test("what is put aside goes to the end, and learning can be left out", async () => {
  const { calls, settle } = await show(<Review />, "", books());
  await press("s");
  expect(heading()).toBe("uber");
  await press("l");
  await press("/");
  await type("gift");
  await press("Enter");
  await settle();
  expect(calls.find((call) => call.path.endsWith("/categorize"))?.body).toMatchObject({
    learn: false, merchant: "uber",
  });
  await press("j");
  expect(heading()).toBe("tesco");
});

test("letters in the field are letters, Escape leaves it, and ? shows the keys", async () => {
  await show(<Review />, "", books());
  await press("/");
  await press("j");
  expect(heading()).toBe("tesco");
  await press("Escape");
  await press("j");
  expect(heading()).toBe("uber");
  await press("?");
  expect(document.querySelector("dialog")?.textContent).toContain("Take the last answer back");
});

test("a group that somebody else answered meanwhile is no error", async () => {
  const { element } = await show(<Review />, "", books((call) =>
    call.path.endsWith("/categorize") ? problem(404, "group-empty") : null));
  await press("/");
  await type("gift");
  await press("Enter");
  expect(element.textContent).toContain("Nothing of this merchant waits any more.");
  expect(element.querySelector("[role=alert]")).toBeNull();
});

test.each([
  ["a person left it open", { source: "user", decided_by: "user" }, ""],
  ["nobody thought of anything", {}, ""],
  ["a rule was in doubt", { source: "rule", decided_by: "rule:Shops@19214d7e", account: "Expenses:Gifts" },
    "Rule Shops 0\u2009% per cent sure thinks Expenses:Gifts."],
])("where %s, that alone is called a thought", async (_, more, words) => {
  const { element } = await show(<Review />, "", books((call) =>
    call.query.get("merchant") ? { items: [transaction("1", more)], next_cursor: null } : null));
  expect(element.querySelector(".books-group > .books-fine")?.textContent?.trim()).toBe(words);
});

test("an empty queue says that nothing waits", async () => {
  const { element } = await show(<Review />, "", books((call) =>
    call.query.get("group") ? { items: [], next_cursor: null } : null));
  expect(element.textContent).toContain("Nothing waits for review");
});
