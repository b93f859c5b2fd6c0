/* ScopeForm - the choice of tenant and company, and the API key. */
import { type FormEvent, useState } from "react";
import { Field } from "./Field";
import { useScope } from "./scope";

const NAME = "[A-Za-z0-9_\\-]{1,64}";

export function ScopeForm({ onDone }: { onDone?: () => void }) {
  const scope = useScope();
  const [tenant, setTenant] = useState(scope.tenant);
  const [company, setCompany] = useState(scope.company);
  const [key, setKey] = useState(scope.apiKey);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    scope.setApiKey(key.trim());
    scope.choose(tenant.trim(), company.trim());
    onDone?.();
  };
  return (
    <form className="scope-form" onSubmit={submit}>
      <Field label="Tenant" hint="Letters, digits, _ and -">
        <input value={tenant} pattern={NAME} onChange={(e) => setTenant(e.target.value)} autoComplete="off" />
      </Field>
      <Field label="Company" hint="Whose books; a new name begins new ones">
        <input value={company} pattern={NAME} onChange={(e) => setCompany(e.target.value)} autoComplete="off" />
      </Field>
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
