import { act } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import Upload from "../../src/dashboard/jobs/Upload";
import { App } from "../../src/dashboard/shell/App";
import { routeOf } from "../../src/dashboard/shell/routes";
import { ScopeProvider } from "../../src/dashboard/shell/scope";
import { ToastProvider } from "../../src/dashboard/shell/toasts";
import { button, CHART, type } from "../books/page";
import { click, pass, press, render, unmount } from "../job/react";

type Profile = Record<string, unknown>;
const READING = {
  profile: { currency: "EUR" }, sure: {}, columns: ["Day", "Amount"], rows: 3, recognised: false,
  assumed: [], warnings: [],
};
const READ = { reading: READING, rows: [], error: null };
const failed = (code: string, message: string) => ({
  reading: null, rows: [], error: { code, message, stage: "parse", row: null, hint: null },
});
/* What POST /api/preview answers to a file without a currency. */
const currencyOf = ({ currency }: Profile) => {
  if (currency === undefined) return failed("currency-unknown", "the file names no currency");
  if (currency !== "EUR")
    return failed("profile-invalid", "profile.currency is not a currency code of ISO 4217");
  return READ;
};

let asked: { profile: Profile; account: string }[];
let read: (profile: Profile) => unknown;
let sent: { headers: Record<string, string>; end: (status: number, body: unknown) => Promise<void> }[];

class Request {
  upload = {};
  status = 0;
  response: unknown = null;
  headers: Record<string, string> = {};
  onload: () => void = () => undefined;
  open() {}
  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }
  send() {
    const end = (status: number, body: unknown) =>
      act(async () => {
        this.status = status;
        this.response = body;
        this.onload();
      });
    sent.push({ headers: this.headers, end });
  }
}

function view(shown = true) {
  return (
    <ScopeProvider>
      <ToastProvider>{shown && <Upload />}</ToastProvider>
    </ScopeProvider>
  );
}

function field(label: string): HTMLInputElement | HTMLSelectElement {
  const found = [...document.querySelectorAll("label")].find((one) => one.textContent === label);
  const input = document.getElementById(found?.htmlFor ?? "");
  if (!(input instanceof HTMLInputElement || input instanceof HTMLSelectElement))
    throw new Error(`no field ${label}`);
  return input;
}

async function give(...files: File[]) {
  const input = document.querySelector("input[type=file]") as HTMLInputElement;
  Object.defineProperty(input, "files", { configurable: true, value: files });
  await act(async () => input.dispatchEvent(new Event("change", { bubbles: true })));
  await pass(0);
}

/** As the browser does when a choice is gone through by arrow keys. */
async function choose(select: HTMLElement, value: string) {
  const set = Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value")?.set;
  await act(async () => {
    select.focus();
    set?.call(select, value);
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

const may = new File(["a"], "may.csv");

beforeEach(async () => {
  vi.useFakeTimers();
  asked = [];
  sent = [];
  read = currencyOf;
  window.history.replaceState(null, "", "/dashboard/upload?tenant=t1&company=acme");
  vi.stubGlobal("XMLHttpRequest", Request);
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    if (!url.startsWith("/api/preview")) return new Response(JSON.stringify(CHART));
    const form = init.body as FormData;
    const profile = JSON.parse((form.get("profile") as string | null) ?? "{}") as Profile;
    asked.push({ profile, account: form.get("account") as string });
    return new Response(JSON.stringify(read(profile)));
  });
  await render(view());
});

afterEach(async () => {
  await unmount();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a currency is typed letter by letter, and asked about once, after a pause", async () => {
  await give(may);
  field("Currency").focus();
  for (const typed of ["E", "EU", "EUR"]) {
    await type(typed);
    await pass(200);
  }
  expect(asked).toHaveLength(1);
  expect(document.activeElement).toBe(field("Currency"));
  await pass(1000);
  expect(asked.map((one) => one.profile)).toEqual([{}, { currency: "EUR" }]);
  expect(button("Start: 3 rows")).toBeDefined();
});

test("an answer that is refused stays where it was given, with the refusal beside it", async () => {
  await give(may);
  const currency = field("Currency");
  currency.focus();
  await type("EURO");
  await press("Enter");
  await pass(0);
  expect(asked).toHaveLength(2);
  expect(field("Currency")).toBe(currency);
  expect(document.activeElement).toBe(currency);
  expect(currency.value).toBe("EURO");
  expect(currency.getAttribute("aria-invalid")).toBe("true");
  expect(document.getElementById(currency.getAttribute("aria-describedby") ?? "")?.textContent)
    .toBe("currency is not a currency code of ISO 4217");
  expect(button("Start")).toBeUndefined();
  await type("EUR");
  await press("Enter");
  await pass(0);
  /* The question is gone, and the focus with it: it goes on where the way does. */
  expect(document.activeElement).toBe(button("Start: 3 rows"));
});

test("an answer that leads nowhere can be taken back", async () => {
  read = ({ header_row }) =>
    header_row === undefined ? failed("header-not-found", "no header") : failed("no-rows", "nothing follows line 99");
  await give(may);
  await type("99", field("Line of the header (0: none)"));
  await pass(1000);
  expect(document.querySelector("[role=alert]")?.textContent).toContain("nothing follows line 99");
  await type("", field("Line of the header (0: none)"));
  await pass(1000);
  expect(asked.map((one) => one.profile)).toEqual([{}, { header_row: 99 }, {}]);
});

test("a file that no usual delimiter divides is read by the one that is said", async () => {
  read = ({ delimiter }) => (delimiter === "^" ? READ : failed("header-not-found", "one column only"));
  await give(may);
  await type("^", field("Delimiter"));
  await pass(1000);
  expect(asked.map((one) => one.profile)).toEqual([{}, { delimiter: "^" }]);
  expect(button("Start: 3 rows")).toBeDefined();
});

test("a part that was changed below stays there when it is refused", async () => {
  await give(may);
  await type("EUR", field("Currency"));
  await pass(1000);
  const currency = field("Currency");
  currency.focus();
  await type("EURO");
  await pass(1000);
  expect(field("Currency")).toBe(currency);
  expect(currency.getAttribute("aria-invalid")).toBe("true");
  expect(button("Start")?.getAttribute("aria-disabled")).toBe("true");
  await click(button("Start"));
  expect(sent).toHaveLength(0);
});

test("who leaves a field by Tab is where Tab goes, and stays there while the answer is read", async () => {
  read = () => READ;
  await give(may);
  const [currency, account] = [field("Currency"), field("Bank account")];
  for (const [said, next] of [["USD", account], ["GBP", button("Start")]] as const) {
    currency.focus();
    await type(said);
    /* As a browser does: what is heard of the blur is done before the next has the focus, and a
     * focus that is set meanwhile stands. */
    await act(async () => currency.blur());
    expect(document.activeElement).toBe(document.body);
    await act(async () => next?.focus());
    expect(document.activeElement).toBe(next);
    await pass(1000);
    expect(document.activeElement).toBe(next);
  }
  expect(asked.map((one) => one.profile)).toEqual([{}, { currency: "USD" }, { currency: "GBP" }]);
  expect(button("Start")?.getAttribute("aria-disabled")).toBeNull();
});

test("to go through the orders of dates is not to choose one", async () => {
  read = ({ date_order }) => (date_order ? READ : failed("date-order-ambiguous", "1/2 may be either"));
  await give(may);
  const order = field("Order of dates");
  await choose(order, "dmy");
  await choose(order, "mdy");
  await pass(5000);
  expect(asked).toHaveLength(1);
  expect(document.activeElement).toBe(order);
  await click(button("Use this answer"));
  await pass(0);
  expect(asked.map((one) => one.profile)).toEqual([{}, { date_order: "mdy" }]);
  expect(document.activeElement).toBe(button("Start: 3 rows"));
});

test("the bank account is asked about once it stands", async () => {
  read = () => READ;
  await give(may);
  await type("Assets:B", field("Bank account"));
  await pass(300);
  await type("Assets:Bank:Savings", field("Bank account"));
  await pass(1000);
  expect(asked.map((one) => one.account)).toEqual(["Assets:Bank:Checking", "Assets:Bank:Savings"]);
});

test("an upload works where crypto has no randomUUID, and ends at its job", async () => {
  read = () => READ;
  vi.stubGlobal("crypto", { getRandomValues: (bytes: Uint8Array) => bytes.fill(7) });
  await give(may);
  await click(button("Start"));
  expect(sent[0]?.headers["Idempotency-Key"]).toMatch(/^[0-9a-f]{32}$/);
  await sent[0]?.end(202, { job_id: "job_1", status: "pending" });
  expect(window.location.pathname).toBe("/dashboard/background-jobs/job_1");
});

test.each([
  [202, { job_id: "job_1", status: "pending" }, "\u2068may.csv\u2069 is uploaded"],
  [507, { detail: "the disk is full" }, "\u2068may.csv\u2069 was not uploaded: the disk is full"],
])("who has gone elsewhere before an upload ends with %s stays there", async (status, body, words) => {
  read = () => READ;
  await give(may);
  await click(button("Start"));
  await render(view(false));
  await sent[0]?.end(status, body);
  expect(window.location.pathname).toBe("/dashboard/upload");
  expect(document.querySelector(".toasts")?.textContent).toContain(words);
});

function drop(files: File[]): Event {
  const event = new Event("drop", { bubbles: true, cancelable: true });
  Object.defineProperty(event, "dataTransfer", { value: { types: ["Files"], files } });
  return event;
}

test("a file that falls beside the box is taken, and the page is not left for it", async () => {
  const event = drop([may]);
  await act(async () => document.body.dispatchEvent(event));
  await pass(0);
  expect(event.defaultPrevented).toBe(true);
  expect(document.querySelector(".drop b")?.textContent).toBe("may.csv");
  expect(asked).toHaveLength(1);
});

test.each([
  ["/dashboard/nowhere", /^Not uploaded: Upload,/, 0],
  ["/dashboard/upload", /^$/, 1],
])("a file that falls on %s does not make the browser leave the page", async (path, words, times) => {
  await routeOf("/dashboard/upload")?.route.view.load();
  window.history.replaceState(null, "", `${path}?tenant=t1&company=acme`);
  await render(<App />);
  const event = drop([may]);
  await act(async () => document.body.dispatchEvent(event));
  await pass(0);
  expect(event.defaultPrevented).toBe(true);
  expect(document.querySelector(".toasts")?.textContent).toMatch(words);
  expect(asked).toHaveLength(times);
});

test("of two files the second is named as not taken", async () => {
  await act(async () => document.body.dispatchEvent(drop([may, new File(["b"], "june.csv")])));
  await pass(0);
  expect(document.querySelector(".drop")?.textContent).toContain("Not taken: june.csv");
  expect(asked).toHaveLength(1);
  await give(new File(["b"], "june.csv"));
  expect(document.querySelector(".drop")?.textContent).not.toContain("Not taken");
});
