import { act } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Link, addressOf, navigate, useAddress, useQuery } from "../../src/dashboard/shell/router";
import { type Scope, ScopeProvider, useScope } from "../../src/dashboard/shell/scope";
import { type Asked, useApi } from "../../src/dashboard/shell/useApi";
import { type Page, type Pages, usePages } from "../../src/dashboard/shell/usePages";
import { useTenantEvents } from "../../src/dashboard/jobs/useTenantEvents";
import { click, pass, render, show, unmount } from "../job/react";
import { ScriptedServer, answer, problem, record } from "../job/server";

let server: ScriptedServer;
const here = () => window.location.pathname + window.location.search;
const goto = (address: string) => act(async () => window.history.replaceState(null, "", address));

beforeEach(async () => {
  vi.useFakeTimers();
  server = new ScriptedServer();
  vi.stubGlobal("fetch", server.fetch);
  window.localStorage.clear();
  window.sessionStorage.clear();
  await goto("/dashboard/x?tenant=t1&company=acme");
});

afterEach(async () => {
  show("visible");
  await unmount();
  expect(server.open).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("addresses", () => {
  it("keep the tenant and the company, and nothing else", async () => {
    await goto("/dashboard/x?tenant=t1&company=acme&status=failed");
    expect(addressOf("/dashboard/y")).toBe("/dashboard/y?tenant=t1&company=acme");
    expect(addressOf("/dashboard/y", { job_id: "j", q: "", at: null, company: null }))
      .toBe("/dashboard/y?tenant=t1&job_id=j");
  });

  it("are state: a filter, and the way back", async () => {
    const seen: string[] = [];
    let change: ReturnType<typeof useQuery>[1] = () => undefined;
    function Probe() {
      const [query, set] = useQuery();
      change = set;
      seen.push(query.get("q") ?? "");
      return null;
    }
    await render(<Probe />);
    const entries = window.history.length;
    await act(async () => change({ q: "a" }));
    await act(async () => change({ q: "ab" }, { replace: true }));
    expect(here()).toBe("/dashboard/x?tenant=t1&company=acme&q=ab");
    expect(window.history.length).toBe(entries + 1);
    await act(async () => change({ q: "" }));
    expect(here()).toBe("/dashboard/x?tenant=t1&company=acme");
    expect(seen).toEqual(["", "a", "ab", ""]);
  });

  it("do not grow the history where one is already", () => {
    const entries = window.history.length;
    navigate(here());
    expect(window.history.length).toBe(entries);
  });

  it("of a link are followed without loading the page, but for a click that asks for more", async () => {
    const seen: string[] = [];
    function Probe() {
      seen.push(useAddress().path);
      return <Link to="/dashboard/y" query={{ a: 1 }}>go</Link>;
    }
    const box = await render(<Probe />);
    const link = box.querySelector("a") as HTMLAnchorElement;
    expect(link.getAttribute("href")).toBe("/dashboard/y?tenant=t1&company=acme&a=1");
    const modified = new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: true });
    link.addEventListener("click", (event) => event.ctrlKey && event.preventDefault(), { once: true });
    await act(async () => link.dispatchEvent(modified));
    expect(here()).toContain("/dashboard/x");
    await click(link);
    expect(here()).toBe("/dashboard/y?tenant=t1&company=acme&a=1");
    expect(seen.at(-1)).toBe("/dashboard/y");
  });
});

describe("the scope", () => {
  let scope: Scope;
  function Probe() {
    scope = useScope();
    return null;
  }
  const begin = () => render(<ScopeProvider><Probe /></ScopeProvider>);

  it("is what the address says, and is known again the next time", async () => {
    await begin();
    expect(scope).toMatchObject({ tenant: "t1", company: "acme", apiKey: "" });
    await unmount();
    await goto("/dashboard/x");
    await begin();
    expect(here()).toBe("/dashboard/x?tenant=t1&company=acme");
    expect(scope).toMatchObject({ tenant: "t1", company: "acme" });
  });

  it("that was given up is not known again", async () => {
    await begin();
    await act(async () => scope.choose("", ""));
    expect(here()).toBe("/dashboard/x");
    expect(scope).toMatchObject({ tenant: "", company: "" });
  });

  it.each(["{", "7", "[7", '{"tenant":"t1"}', "null"])("that was kept as %j is forgotten", async (kept) => {
    window.localStorage.setItem("daybook.scope", kept);
    await goto("/dashboard/x");
    await begin();
    expect(scope).toMatchObject({ tenant: "", company: "" });
  });

  it("keeps the key for this tab only, and sends it", async () => {
    await begin();
    await act(async () => scope.setApiKey("secret"));
    expect(window.localStorage.getItem("daybook.key")).toBeNull();
    expect(window.sessionStorage.getItem("daybook.key")).toBe("secret");
    await scope.client.get("/api/jobs/{id}", { path: { id: "j" } }).catch(() => undefined);
    expect(server.calls[0]?.headers["Authorization"]).toBe("Bearer secret");
    await act(async () => scope.setApiKey(""));
    expect(window.sessionStorage.getItem("daybook.key")).toBeNull();
  });
});

describe("useApi", () => {
  let asked: Asked<{ n: number }>;
  let n = 0;
  function Probe({ name, everyMs }: { name: string | null; everyMs?: number }) {
    asked = useApi(
      name,
      async (client, signal) => {
        const response = await client.send("GET", `/api/${name}`, {}, { signal });
        return (await response.json()) as { n: number };
      },
      everyMs ? { everyMs } : {},
    );
    return null;
  }
  const begin = (name: string | null, everyMs?: number) =>
    render(<ScopeProvider><Probe name={name} {...(everyMs ? { everyMs } : {})} /></ScopeProvider>);

  beforeEach(() => {
    n = 0;
    server.answers.other = () => answer(200, { n: ++n });
  });

  it("keeps the last answer while a newer one is on its way", async () => {
    await begin("a");
    expect(asked).toMatchObject({ data: { n: 1 }, loading: false });
    server.delayMs = 100;
    await act(async () => asked.reload());
    expect(asked).toMatchObject({ data: { n: 1 }, loading: true });
    await pass(100);
    expect(asked).toMatchObject({ data: { n: 2 }, loading: false });
  });

  it("drops an answer that is no longer wanted", async () => {
    server.delayMs = 100;
    await begin("a");
    await begin("b");
    await pass(200);
    expect(server.calls[0]?.signal?.aborted).toBe(true);
    expect(asked.data).toEqual({ n: 1 });
  });

  it("tells an error, and keeps what it knew of the same thing only", async () => {
    await begin("a");
    server.answers.other = () => problem(403, "forbidden");
    await act(async () => asked.reload());
    expect(asked).toMatchObject({ data: { n: 1 }, error: { code: "forbidden" } });
    await begin("b");
    expect(asked).toMatchObject({ data: null, error: { code: "forbidden" } });
  });

  it("asks nothing without a key, and again only while the page is shown", async () => {
    await begin(null, 1000);
    await pass(5000);
    expect(server.calls).toHaveLength(0);
    await begin("a", 1000);
    await pass(1000);
    await pass(1000);
    expect(server.calls).toHaveLength(3);
    show("hidden");
    await pass(5000);
    expect(server.calls).toHaveLength(3);
  });
});

describe("useApi that asks again and again", () => {
  let asked: Asked<number>;
  let n = 0;
  function Probe() {
    asked = useApi("a", (client, signal) => client.send("GET", "/api/a", {}, { signal }).then(() => ++n), {
      everyMs: 1000,
    });
    return null;
  }
  const begin = () => render(<ScopeProvider><Probe /></ScopeProvider>);

  beforeEach(() => {
    n = 0;
    server.answers.other = () => answer(200, null);
  });

  it("waits for an answer that takes longer than the time between", async () => {
    server.delayMs = 2500;
    await begin();
    await pass(2500);
    expect(asked).toMatchObject({ data: 1, loading: false });
    await pass(1000);
    await pass(2500);
    expect(asked.data).toBe(2);
    expect(server.calls).toHaveLength(2);
  });

  it("says when it fails, keeps what it knew, and goes on", async () => {
    await begin();
    server.answers.other = () => problem(503, "broker-unreachable");
    await pass(1000);
    expect(asked).toMatchObject({ data: 1, error: { code: "broker-unreachable" } });
    server.answers.other = () => answer(200, null);
    await pass(1000);
    expect(asked).toMatchObject({ data: 2, error: null });
  });

  it("gives up what is not answered within 15 s, says so, and goes on", async () => {
    await begin();
    server.answers.other = () => new Promise(() => undefined);
    await pass(1000);
    await pass(15_000);
    expect(asked).toMatchObject({ data: 1, error: { code: "unreachable" }, loading: false });
    server.answers.other = () => answer(200, null);
    await pass(1000);
    expect(asked).toMatchObject({ data: 2, error: null });
  });
});

describe("usePages", () => {
  let pages: Pages<number>;
  function Probe({ name }: { name: string }) {
    pages = usePages<number>(name, async (client, cursor, signal) => {
      const query = { cursor };
      const response = await client.send("GET", `/api/${name}`, {}, { query, signal });
      return (await response.json()) as Page<number>;
    });
    return null;
  }
  const begin = (name: string) => render(<ScopeProvider><Probe name={name} /></ScopeProvider>);

  beforeEach(() => {
    server.answers.other = ({ url }) => {
      const at = Number(/cursor=(\d+)/.exec(url)?.[1] ?? 0);
      return answer(200, { items: [at, at + 1], next_cursor: at < 4 ? String(at + 2) : null });
    };
  });

  it("adds page to page until there is no more", async () => {
    await begin("a");
    expect(pages.items).toEqual([0, 1]);
    await act(async () => pages.more?.());
    await act(async () => pages.more?.());
    expect(pages.items).toEqual([0, 1, 2, 3, 4, 5]);
    expect(pages.more).toBeNull();
  });

  it("begins anew for another question, and forgets the page that was on its way", async () => {
    await begin("a");
    server.delayMs = 100;
    await act(async () => pages.more?.());
    expect(pages).toMatchObject({ loading: true, more: null });
    await begin("b");
    await pass(200);
    expect(pages.items).toEqual([0, 1]);
    expect(server.calls.map((call) => call.url)).toEqual(["/api/a", "/api/a?cursor=2", "/api/b"]);
  });

  it("keeps what it has when a page is refused", async () => {
    await begin("a");
    server.answers.other = () => problem(500, "broken");
    await act(async () => pages.more?.());
    expect(pages).toMatchObject({ items: [0, 1], error: { code: "broken" }, loading: false });
    expect(pages.more).not.toBeNull();
  });

  it("may be told what has changed", async () => {
    await begin("a");
    await act(async () => pages.patch((items) => items.map((item) => item + 10)));
    expect(pages.items).toEqual([10, 11]);
  });
});

describe("useTenantEvents", () => {
  let heard: string[];
  let opened: number;
  function Probe() {
    useTenantEvents((job) => heard.push(job.change), () => opened++);
    return null;
  }
  const begin = () => render(<ScopeProvider><Probe /></ScopeProvider>);
  const lastId = () => server.of("events").at(-1)?.headers["Last-Event-ID"];

  beforeEach(() => {
    heard = [];
    opened = 0;
  });

  it("says when it begins, not when it goes on from its place", async () => {
    await begin();
    server.stream.text("id: 3-40\n\n");
    await pass(0);
    expect(opened).toBe(1);
    server.stream.drop();
    await pass(2000);
    server.stream.event(record(41));
    await pass(0);
    expect(opened).toBe(1);
  });

  it("tells every change of the tenant", async () => {
    await begin();
    server.stream.event(record(2));
    await pass(0);
    expect(server.calls[0]?.url).toBe("/api/events?tenant_id=t1");
    expect(heard).toEqual(["3-1", "3-2"]);
    expect(lastId()).toBeUndefined();
  });

  it("goes on from its place after a break, also one that was told without an event", async () => {
    await begin();
    server.stream.text("id: 3-40\n\n");
    await pass(0);
    server.stream.drop();
    await pass(2000);
    expect(server.of("events")).toHaveLength(2);
    expect(lastId()).toBe("3-40");
  });

  it("rests while it is hidden, and then hears what it missed", async () => {
    await begin();
    await pass(0);
    show("hidden");
    await pass(60_000);
    expect(server.of("events")).toHaveLength(1);
    expect(server.open).toEqual([]);
    show("visible");
    await pass(0);
    expect(lastId()).toBe("3-1");
  });

  it("takes a line that is mute for 15 s as broken", async () => {
    await begin();
    await pass(10_000);
    server.stream.comment();
    await pass(14_900);
    expect(server.of("events")).toHaveLength(1);
    await pass(100 + 2000);
    expect(server.of("events")).toHaveLength(2);
    expect(server.open).toHaveLength(1);
  });

  it("comes back ever more slowly, and not at all to a server that refuses it", async () => {
    server.noEvents();
    await begin();
    await pass(2000 + 4000 + 8000 + 15_000);
    expect(server.of("events")).toHaveLength(5);
    server.answers.events = () => problem(401, "key-needed");
    await pass(120_000);
    expect(server.of("events")).toHaveLength(6);
  });
});
