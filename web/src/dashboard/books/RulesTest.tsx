import { type FormEvent, useState } from "react";
import type { ApiError, Schemas } from "../../client/api";
import { Failure } from "../shell/States";
import { Field } from "../shell/Field";
import { useQuery } from "../shell/router";
import { useScope } from "../shell/scope";
import { asApiError } from "../shell/useApi";
import { AccountName } from "./AccountName";
import { faultsOf } from "./rulesFaults";

type Tested = Schemas["RulesTested"]["items"][number];

const DESCRIPTIONS_MAX = 1000;

/** Tries descriptions on rules that may not be saved yet, and says which rule decides and why. */
export function RulesTest({ rules }: { rules: string }) {
  const { client, tenant, company } = useScope();
  const [address, change] = useQuery();
  const [tested, setTested] = useState<Tested[] | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const typed = address.get("try") ?? "";

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const descriptions = typed.split("\n").map((line) => line.trim()).filter(Boolean);
    if (descriptions.length === 0 || busy) return;
    setBusy(true);
    setError(null);
    try {
      const { items } = await client.post(
        "/api/rules/test",
        { rules, descriptions: descriptions.slice(0, DESCRIPTIONS_MAX) },
        { query: { tenant_id: tenant, company_id: company } },
      );
      setTested(items);
    } catch (told) {
      setTested(null);
      setError(asApiError(told));
    }
    setBusy(false);
  };
  const faulty = error !== null && faultsOf(error.problem?.errors ?? [], "rules").length > 0;

  return (
    <section aria-labelledby="try-rules">
      <h2 id="try-rules">Try them</h2>
      <form onSubmit={(event) => void submit(event)}>
        <Field label="Descriptions, one a line" hint="The rules as they stand in the editor, saved or not">
          <textarea
            rows={4}
            value={typed}
            spellCheck={false}
            placeholder="TESCO STORES 3345"
            onChange={(event) => change({ try: event.target.value }, { replace: true })}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void submit(event);
            }}
          />
        </Field>
        <p>
          <button type="submit" disabled={busy || typed.trim() === ""}>
            Test
          </button>
        </p>
      </form>
      {faulty && <p className="bad" role="alert">The rules have faults: save shows where.</p>}
      {error && !faulty && <Failure error={error} />}
      <div role="status">
        {tested && (
          <ul className="books-tested">
            {tested.map((item, i) => (
              <li key={i}>
                <p className="books-entry-head">
                  <span className="books-text">{item.why.description}</span>
                  {item.account ? (
                    <AccountName name={item.account} />
                  ) : (
                    <span className="muted">Nobody knows it</span>
                  )}
                </p>
                <p className="books-fine">
                  Seen as <code>{item.why.seen_as}</code>
                </p>
                {item.why.matches.length > 0 && (
                  <ol className="books-matches">
                    {item.why.matches.map((match, n) => (
                      <li key={n} className={match.decides ? "books-decides" : undefined}>
                        <strong>{match.rule}</strong>{" "}
                        <span className="muted">
                          {match.starter ? "starter rule" : `line ${match.line}`}, priority{" "}
                          {match.priority}
                          {match.decides ? ", decides" : ""}
                        </span>
                        <br />
                        {match.because.join("; ")}
                      </li>
                    ))}
                  </ol>
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}
