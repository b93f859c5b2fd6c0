/* Upload - a bank's file: which, and whose account it is of. */
import { useState } from "react";
import { useAccounts } from "../shell/useAccounts";
import { Field } from "../shell/Field";
import { ScopeForm } from "../shell/ScopeForm";
import { useScope } from "../shell/scope";
import { PAUSE_MS, useSettled } from "../shell/useSettled";
import { ChosenFile } from "./ChosenFile";
import { FileDrop } from "./FileDrop";
import "./jobs.css";

const ACCOUNT = "Assets:Bank:Checking";

function Account({ value, onChoose }: { value: string; onChoose: (account: string) => void }) {
  const accounts = useAccounts().filter((name) => /^(Assets|Liabilities):/.test(name));
  const settled = useSettled(value, (text) => onChoose(text.trim()), PAUSE_MS);
  return (
    <div className="form one">
      <Field label="Bank account" hint="Its account in the books">
        <input {...settled} list="accounts" />
      </Field>
      <datalist id="accounts">
        {accounts.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </div>
  );
}

export default function Upload() {
  const { tenant, company } = useScope();
  const [chosen, setChosen] = useState<{ file: File; nth: number } | null>(null);
  const [account, setAccount] = useState(ACCOUNT);
  if (!tenant || !company)
    return (
      <>
        <h1>Upload a statement</h1>
        <p>Say first whose books it goes into.</p>
        <ScopeForm />
      </>
    );
  return (
    <>
      <h1>Upload a statement</h1>
      <FileDrop
        file={chosen?.file ?? null}
        onFile={(file) => setChosen((before) => ({ file, nth: (before?.nth ?? 0) + 1 }))}
      />
      <Account value={account} onChoose={setAccount} />
      {chosen && <ChosenFile key={chosen.nth} file={chosen.file} account={account} />}
    </>
  );
}
