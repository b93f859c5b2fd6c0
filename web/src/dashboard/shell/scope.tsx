/* scope - whose jobs and books are looked at, and with which key the API is asked. Tenant and company
 * are in the address, the last ones also in this browser; the key lives as long as the tab. */
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { Client } from "../../client/api";
import { useQuery } from "./router";

export interface Scope {
  tenant: string;
  company: string;
  apiKey: string;
  client: Client;
  choose: (tenant: string, company: string) => void;
  setApiKey: (key: string) => void;
}

const KEY = "daybook.key";
const LAST = "daybook.scope";
const Context = createContext<Scope | null>(null);

/* A browser may forbid to keep anything. */
function kept(store: "localStorage" | "sessionStorage", name: string): string {
  try {
    return window[store].getItem(name) ?? "";
  } catch {
    return "";
  }
}

/** The tenant and company of last time, if they can be read. */
function lastScope(): { tenant: string; company: string } | null {
  try {
    const [tenant, company]: unknown[] = JSON.parse(kept("localStorage", LAST) || "[]");
    return tenant ? { tenant: String(tenant), company: String(company ?? "") } : null;
  } catch {
    return null;
  }
}

function keep(store: "localStorage" | "sessionStorage", name: string, value: string) {
  try {
    if (value) window[store].setItem(name, value);
    else window[store].removeItem(name);
  } catch {
    /* then it is asked for again */
  }
}

export function ScopeProvider({ children }: { children: ReactNode }) {
  const [query, change] = useQuery();
  const [apiKey, setKey] = useState(() => kept("sessionStorage", KEY));
  const tenant = query.get("tenant") ?? "";
  const company = query.get("company") ?? "";

  useEffect(() => {
    if (tenant) keep("localStorage", LAST, JSON.stringify([tenant, company]));
    else {
      const last = lastScope();
      if (last) change(last, { replace: true });
    }
  }, [tenant, company, change]);

  const choose = useCallback(
    (nextTenant: string, nextCompany: string) => {
      if (!nextTenant) keep("localStorage", LAST, "");
      change({ tenant: nextTenant, company: nextCompany });
    },
    [change],
  );
  const setApiKey = useCallback((key: string) => {
    keep("sessionStorage", KEY, key);
    setKey(key);
  }, []);
  const client = useMemo(() => new Client({ apiKey: apiKey || undefined }), [apiKey]);
  const scope = useMemo(
    () => ({ tenant, company, apiKey, client, choose, setApiKey }),
    [tenant, company, apiKey, client, choose, setApiKey],
  );
  return <Context value={scope}>{children}</Context>;
}

export function useScope(): Scope {
  const scope = useContext(Context);
  if (!scope) throw new Error("useScope outside ScopeProvider");
  return scope;
}
