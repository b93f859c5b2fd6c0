/* page - a view of the books as in the page, with an API that is made up by the test. */
import { act, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { vi } from "vitest";
import { ScopeProvider } from "../../src/dashboard/shell/scope";
import { ToastProvider } from "../../src/dashboard/shell/toasts";

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
}

/** Answers a call: what is returned is the JSON; a Response is answered as it is. */
export type Server = (call: Call) => unknown;

export function problem(status: number, code: string, more: object = {}): Response {
  const body = { type: `urn:daybook:problem:${code}`, title: code, status, detail: code, code,
    errors: [], ...more };
  return new Response(JSON.stringify(body), { status });
}

let shown: Root | null = null;

/** After each test: what is still shown would hear the keys and addresses of the next. */
export async function leave() {
  const before = shown;
  shown = null;
  if (before) await act(async () => before.unmount());
  document.body.replaceChildren();
  window.localStorage.clear();
  window.sessionStorage.clear();
}

/** Renders a view at an address; gives its element, the calls made so far, and how to settle. */
export async function show(view: ReactNode, search: string, server: Server) {
  const calls: Call[] = [];
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    const at = new URL(url, "http://localhost");
    const call: Call = {
      method: init.method ?? "GET",
      path: at.pathname,
      query: at.searchParams,
      body: typeof init.body === "string" ? JSON.parse(init.body) : null,
    };
    calls.push(call);
    const answer = server(call);
    return answer instanceof Response ? answer : new Response(JSON.stringify(answer));
  });
  window.history.replaceState(null, "", `/dashboard/view?tenant=t1&company=acme${search}`);
  const element = document.createElement("div");
  document.body.replaceChildren(element);
  const before = shown; // of the same test
  if (before) await act(async () => before.unmount());
  const root = createRoot(element);
  shown = root;
  await act(async () =>
    root.render(
      <ScopeProvider>
        <ToastProvider>{view}</ToastProvider>
      </ScopeProvider>,
    ),
  );
  const settle = () => act(async () => void (await new Promise((done) => setTimeout(done, 0))));
  await settle();
  return { element, calls, settle };
}

/** Presses a key where the focus is, as a person would. */
export async function press(key: string) {
  const target = document.activeElement ?? document.body;
  await act(async () => {
    target.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }),
    );
    await new Promise((done) => setTimeout(done, 0));
  });
}

/** Types into the field that has the focus, or into the one given. */
export async function type(text: string, field = document.activeElement) {
  if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement))
    throw new Error("no field to type in");
  const set = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field) as object, "value")?.set;
  await act(async () => {
    set?.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

export async function click(element: Element | null | undefined) {
  if (!(element instanceof HTMLElement)) throw new Error("nothing to click");
  await act(async () => {
    element.click();
    await new Promise((done) => setTimeout(done, 0));
  });
}

/** The button with this name, or one whose name begins with it. */
export function button(name: string): HTMLElement | undefined {
  const found = [...document.querySelectorAll<HTMLElement>("button")];
  const nameOf = (one: HTMLElement) => one.getAttribute("aria-label") ?? one.textContent ?? "";
  return found.find((one) => nameOf(one) === name) ?? found.find((one) => nameOf(one).startsWith(name));
}

export function transaction(id: string, more: object = {}) {
  return {
    id, date: "2026-01-02", amount: "-5.00", currency: "USD", description: `SHOP ${id}`,
    reference: "", account: "Expenses:Uncategorised", bank_account: "Assets:Bank:Checking",
    confidence: 0, source: "none", decided_by: "", status: "needs_review", suggestion: null,
    entry_id: id, job_id: null, line: 2, ...more,
  };
}

export const CHART = {
  version: "1",
  accounts: ["Expenses:Food:Coffee", "Expenses:Food:Groceries", "Expenses:Gifts"].map((name) => ({
    name, type: "expense", currency: null, note: "",
  })),
};
