import { useMemo } from "react";
import { ApiError, type Schemas } from "../../client/api";
import type { Group } from "./reviewMachine";
import { withRule } from "./rulesFaults";
import { onceKey } from "../shell/onceKey";
import { useScope } from "../shell/scope";

export type Transaction = Schemas["Transaction"];
export type Answered = Schemas["Answered"];

const RULE_TRIES = 3;
const CATEGORIZE_MAX = 1_000_000;

function onceHeaders(): Record<string, string> {
  return { "Idempotency-Key": onceKey() };
}

/** The transaction as it is by now, where an answer was refused because somebody was quicker. */
export function presentOf(error: unknown): Transaction | null {
  if (!(error instanceof ApiError) || error.code !== "entry-changed") return null;
  return error.problem?.present ?? null;
}

/** What a person may say about transactions, and take back. */
export function useAnswers() {
  const { client, tenant, company } = useScope();

  return useMemo(() => {
    const query = { tenant_id: tenant, company_id: company };

    /** Adds a rule to the company's own, to what they are by now. */
    async function keepRule(rule: string): Promise<void> {
      for (let attempt = 1; ; attempt++) {
        const { rules, version } = await client.get("/api/rules", { query });
        try {
          await client.put("/api/rules", { rules: withRule(rules, rule), version }, { query });
          return;
        } catch (error) {
          const overtaken = error instanceof ApiError && error.status === 409;
          if (!overtaken || attempt === RULE_TRIES) throw error;
        }
      }
    }

    return {
      one: (txn: Transaction, account: string, learn: boolean) =>
        client.post(
          "/api/transactions/{id}/categorize",
          { account, learn, entry_id: txn.entry_id },
          { path: { id: txn.id }, query, headers: onceHeaders() },
        ),
      group: (group: Group, account: string, learn: boolean) =>
        client.post(
          "/api/transactions/categorize",
          {
            account,
            learn,
            merchant: group.merchant,
            direction: group.direction,
            currency: group.currency,
            last_entry_id: group.last_entry_id,
          },
          { query, headers: onceHeaders() },
        ),
      undo: (answer: string) =>
        client.post("/api/answers/{id}/undo", {}, {
          path: { id: answer }, query, headers: onceHeaders(),
        }),
      transaction: async (id: string): Promise<Transaction | null> => {
        const { items } = await client.get("/api/transactions", {
          query: { ...query, transaction_id: id },
        });
        return (items[0] as Transaction | undefined) ?? null;
      },
      keepRule,
      /** Books what still waits anew, by the rules of now; gives the job. */
      bookWaiting: () =>
        client.post("/api/jobs/categorize", { ...query, limit: CATEGORIZE_MAX }, {
          headers: onceHeaders(),
        }),
    };
  }, [client, tenant, company]);
}

export type Answers = ReturnType<typeof useAnswers>;
