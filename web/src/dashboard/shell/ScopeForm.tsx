/* ScopeForm - the choice of tenant and company, and the API key. */
import { type FormEvent, useState } from "react";
import { Field } from "./Field";
import { useScope } from "./scope";
import { useApi } from "./useApi";

const NAME = "[A-Za-z0-9_\\-]{1,64}";

function Names({ id, names }: { id: string; names: string[] }) {
  return (
    <datalist id={id}>
      {[...new Set(names)].map((name) => (
        <option key={name} value={name} />
      ))}
    </datalist>
  );
}

export function ScopeForm({ onDone }: { onDone?: () => void }) {
  const scope = useScope();
  const [tenant, setTenant] = useState(scope.tenant);
  const [company, setCompany] = useState(scope.company);
  const [key, setKey] = useState(scope.apiKey);
  const { data } = useApi("companies", (client, signal) =>
    client.get("/api/companies", { query: { limit: 1000 }, signal }),
  );
  const books = data?.items ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    scope.setApiKey(key.trim());
    scope.choose(tenant.trim(), company.trim());
    onDone?.();
  };
  return (
    <form className="scope-form" onSubmit={submit}>
      <Field label="Tenant" hint="Letters, digits, _ and -">
        <input
          value={tenant}
          pattern={NAME}
          list="tenants"
          onChange={(e) => setTenant(e.target.value)}
          autoComplete="off"
        />
      </Field>
      <Field label="Company" hint="Whose books; a new name begins new ones">
        <input
          value={company}
          pattern={NAME}
          list="companies"
          onChange={(e) => setCompany(e.target.value)}
          autoComplete="off"
        />
      </Field>
      <Names id="tenants" names={books.map((one) => one.tenant_id)} />
      <Names
        id="companies"
        names={books.filter((one) => one.tenant_id === tenant).map((one) => one.company_id)}
      />
      <Field label="API key" hint="Only where keys are configured; kept in this tab only">
        <input type="password" value={key} onChange={(e) => setKey(e.target.value)} autoComplete="off" />
      </Field>
      <p className="row end">
        <button type="submit" className="primary">
          Use these
        </button>
      </p>
    </form>
  );
}
