import { useScope } from "../shell/scope";
import { RulesTest } from "./RulesTest";
import { SavedText } from "./SavedText";

/** The company's own rules, and beside them a box that tries them before they are saved. */
export function RulesEditor() {
  const { client, tenant, company } = useScope();
  const query = { tenant_id: tenant, company_id: company };
  return (
    <SavedText
      name="rules"
      label="Own rules"
      field="rules"
      load={async (signal) => {
        const { version, rules } = await client.get("/api/rules", { query, signal });
        return { version, text: rules };
      }}
      save={async (rules, version) => {
        const saved = await client.put("/api/rules", { rules, version }, { query });
        return { version: saved.version, text: saved.rules };
      }}
    >
      {(text) => (
        <div>
          <RulesTest rules={text} />
          <details>
            <summary>How a rule is written</summary>
            <pre>{`rule Groceries
    if description has word "tesco", "lidl"
    if direction out
    then account Expenses:Food:Groceries`}</pre>
            <p className="muted">
              Also <code>if description contains "…"</code>, <code>matches /…/</code>,{" "}
              <code>if amount 10 to 20</code>, <code>if account …</code>,{" "}
              <code>if weekday sat or sun</code>; <code>priority 50</code> and{" "}
              <code>confidence 0.7</code> before the conditions; <code>then transfer</code> or{" "}
              <code>then skip</code>. Own rules go before the starter rules.
            </p>
          </details>
        </div>
      )}
    </SavedText>
  );
}
