import { useScope } from "../shell/scope";
import { type Page, type Pages, usePages } from "../shell/usePages";
import { type Group, keyOf } from "./reviewMachine";
import type { Transaction } from "./useAnswers";

const PAGE = 50;

/** The transactions of a merchant's group that wait, newest first. */
export function useGroupTransactions(group: Group | null): Pages<Transaction> {
  const { tenant, company } = useScope();
  return usePages<Transaction>(group && keyOf(group), (client, cursor, signal) =>
    client.get("/api/transactions", {
      query: {
        tenant_id: tenant,
        company_id: company,
        status: "needs_review",
        merchant: group?.merchant ?? "",
        direction: group?.direction ?? "out",
        currency: group?.currency ?? "",
        limit: PAGE,
        cursor,
      },
      signal,
    }) as Promise<Page<Transaction>>,
  );
}
