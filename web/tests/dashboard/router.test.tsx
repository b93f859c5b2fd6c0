import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Link, addressOf, navigate, useAddress, useQuery } from "../../src/dashboard/shell/router";

let host: HTMLDivElement;
let unmount = () => {};

beforeEach(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  window.history.replaceState(null, "", "/dashboard/background-jobs?tenant=t1&company=acme&status=failed");
  host = document.body.appendChild(document.createElement("div"));
});
afterEach(() => {
  unmount();
  host.remove();
});

function show(view: React.ReactNode) {
  const root = createRoot(host);
  act(() => root.render(view));
  unmount = () => act(() => root.unmount());
}

test("an address keeps whose books are looked at, and no filter of another view", () => {
  expect(addressOf("/dashboard/review")).toBe("/dashboard/review?tenant=t1&company=acme");
  expect(addressOf("/dashboard/review", { company: "other", q: "a b", from: "", page: null })).toBe(
    "/dashboard/review?tenant=t1&company=other&q=a+b",
  );
});

test("a change of the query is seen at once, and keeps the rest of it", () => {
  let change: ReturnType<typeof useQuery>[1] = () => {};
  function View() {
    const [query, set] = useQuery();
    change = set;
    return <p>{query.get("status") ?? "all"}</p>;
  }
  show(<View />);
  expect(host.textContent).toBe("failed");
  act(() => change({ status: null }));
  expect(host.textContent).toBe("all");
  expect(window.location.search).toBe("?tenant=t1&company=acme");
});

test("a plain click stays in the page; with a modifier the browser opens its own tab", () => {
  function View() {
    return (
      <>
        <p>{useAddress().path}</p>
        <Link to="/dashboard/stages">Stages</Link>
      </>
    );
  }
  show(<View />);
  const link = host.querySelector("a") as HTMLAnchorElement;
  expect(link.getAttribute("href")).toBe("/dashboard/stages?tenant=t1&company=acme");
  const click = (init: MouseEventInit) => {
    const event = new MouseEvent("click", { bubbles: true, cancelable: true, ...init });
    /* happy-dom would follow a link that nobody stopped */
    host.addEventListener("click", (e) => e.preventDefault(), { once: true });
    act(() => void link.dispatchEvent(event));
  };
  click({ ctrlKey: true });
  expect(host.querySelector("p")?.textContent).toBe("/dashboard/background-jobs");
  click({});
  expect(host.querySelector("p")?.textContent).toBe("/dashboard/stages");
});

test("the same address is not pushed twice", () => {
  const before = window.history.length;
  navigate(window.location.pathname + window.location.search);
  expect(window.history.length).toBe(before);
});
