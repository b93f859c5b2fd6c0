import type { Schemas } from "../../client/api";
import { useScope } from "../shell/scope";
import { SavedText } from "./SavedText";
import { chartText } from "./chartText";

const asText = (chart: Schemas["Chart"]) => ({
  version: chart.version,
  text: chartText(chart.accounts),
});

/** The chart of accounts as a text: a line an account. */
export function ChartEditor() {
  const { client, tenant, company } = useScope();
  const query = { tenant_id: tenant, company_id: company };
  return (
    <SavedText
      name="accounts"
      label="Accounts"
      field="text"
      load={async (signal) => asText(await client.get("/api/accounts", { query, signal }))}
      save={async (text, version) =>
        asText(await client.put("/api/accounts", { text, version }, { query }))
      }
    >
      {() => (
        <div className="muted">
          <p>
            A line an account: its name, a currency where it has only one, and after a semicolon what
            belongs there. A model reads these notes too.
          </p>
          <pre>Expenses:Food:Groceries ; supermarkets</pre>
          <p>
            What is booked stays where it is: a new name moves nothing. An account that a rule names
            cannot go.
          </p>
        </div>
      )}
    </SavedText>
  );
}
