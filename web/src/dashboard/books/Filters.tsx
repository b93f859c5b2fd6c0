import { useEffect, useId, useRef, type FormEvent } from "react";
import { Field } from "../shell/Field";
import { useQuery } from "../shell/router";
import { useAccounts } from "../shell/useAccounts";

export type FilterName = "q" | "status" | "account" | "from" | "to" | "job" | "transaction";

interface Props {
  names: readonly FilterName[];
}

/** The filters of a list. They live in the address, so that what is seen can be sent to somebody. */
export function Filters({ names }: Props) {
  const [query, change] = useQuery();
  const accounts = useAccounts();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const value = (name: FilterName) => query.get(name) ?? "";
  const has = (name: FilterName) => names.includes(name);
  const shown = JSON.stringify(names.map(value));
  useEffect(() => {
    /* Its fields say what is shown. They are not made anew for it: one of them may have the focus. */
    for (const field of form.current?.querySelectorAll<HTMLInputElement>("[name]") ?? [])
      field.value = value(field.name as FilterName);
  }, [shown]);
  /* Another list, shown from its beginning. */
  const filter = (values: [FilterName, string | null][]) =>
    change({ ...Object.fromEntries(values), shown: null });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    filter(names.map((name) => [name, String(form.get(name) ?? "").trim()]));
  };
  const clear = () => filter(names.map((name) => [name, null]));
  const submitNow = (event: { currentTarget: { form: HTMLFormElement | null } }) =>
    event.currentTarget.form?.requestSubmit();

  return (
    <form ref={form} className="filters" role="search" onSubmit={submit}>
      {has("q") && (
        <Field label="Description">
          <input type="search" name="q" defaultValue={value("q")} />
        </Field>
      )}
      {has("status") && (
        <Field label="Status">
          <select name="status" defaultValue={value("status")} onChange={submitNow}>
            <option value="">All</option>
            <option value="categorized">Categorised</option>
            <option value="needs_review">Needs review</option>
          </select>
        </Field>
      )}
      {has("account") && (
        <Field label="Account">
          <input
            name="account"
            list={`${id}-accounts`}
            autoComplete="off"
            spellCheck={false}
            defaultValue={value("account")}
          />
        </Field>
      )}
      <datalist id={`${id}-accounts`}>
        {accounts.map((account) => (
          <option key={account} value={account} />
        ))}
      </datalist>
      {has("from") && (
        <Field label="From">
          <input type="date" name="from" defaultValue={value("from")} />
        </Field>
      )}
      {has("to") && (
        <Field label="To">
          <input type="date" name="to" defaultValue={value("to")} />
        </Field>
      )}
      <div className="row">
        <button type="submit">Filter</button>
        {names.some(value) && (
          <button type="button" className="quiet" onClick={clear}>
            Clear
          </button>
        )}
      </div>
      {(["job", "transaction"] as const).map(
        (name) =>
          has(name) &&
          value(name) && (
            <p key={name} className="books-only">
              <input type="hidden" name={name} value={value(name)} />
              Only of {name} <code>{value(name)}</code>
              <button type="button" className="quiet" onClick={() => filter([[name, null]])}>
                Show all
              </button>
            </p>
          ),
      )}
    </form>
  );
}
