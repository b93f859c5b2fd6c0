import { useMemo } from "react";
import { useScope } from "./scope";
import { useApi } from "./useApi";

/** The names of the company's chart of accounts, in its own order; empty until they are known. */
export function useAccounts(): readonly string[] {
  const { tenant, company } = useScope();
  const { data } = useApi(`accounts ${tenant}/${company}`, (client, signal) =>
    client.get("/api/accounts", { query: { tenant_id: tenant, company_id: company }, signal }),
  );
  return useMemo(() => data?.accounts.map((account) => account.name) ?? [], [data]);
}
