/* Upload - a bank's file: how it will be read, what is asked about it, and the start of its job. */
import { useMemo, useState } from "react";
import type { ApiError } from "../../client/api";
import { useAccounts } from "../shell/useAccounts";
import { Field } from "../shell/Field";
import { ScopeForm } from "../shell/ScopeForm";
import { Failure, Loading } from "../shell/States";
import { addressOf, navigate } from "../shell/router";
import { HOME } from "../shell/routes";
import { useScope } from "../shell/scope";
import { asApiError, useApi } from "../shell/useApi";
import { FileDrop } from "./FileDrop";
import { PreviewRows } from "./PreviewRows";
import { ReadingForm } from "./ReadingForm";
import { type Preview, type Told, partsThatAnswer, profileOf } from "./reading";
import { sendFile } from "./sendFile";
import "./jobs.css";

const ACCOUNT = "Assets:Bank:Checking";

function Question({ preview, told, onTell }: { preview: Preview; told: Told; onTell: (k: string, v: string) => void }) {
  const { error } = preview;
  if (!error) return null;
  const parts = partsThatAnswer(error.code);
  return (
    <div className="question" role="alert">
      <p>
        <b>{parts.length > 0 ? "The file leaves this open" : "This file can't be read"}</b>
      </p>
      <p>{error.row === null ? error.message : `Line ${error.row}: ${error.message}`}</p>
      {error.hint && parts.length === 0 && <p className="muted">{error.hint}</p>}
      {parts.length > 0 && <ReadingForm preview={preview} told={told} only={parts} onTell={onTell} />}
    </div>
  );
}

function Doubts({ preview }: { preview: Preview }) {
  const notes = [...(preview.reading?.assumed ?? []), ...(preview.reading?.warnings ?? [])];
  if (notes.length === 0) return null;
  return (
    <div className="question">
      <p>
        <b>Please look at this before you start</b>
      </p>
      {notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
    </div>
  );
}

function formOf(file: File, fields: Record<string, string | null>): FormData {
  const form = new FormData();
  /* The fields go first: the server knows them before the file comes. */
  for (const [name, value] of Object.entries(fields)) if (value) form.set(name, value);
  form.set("file", file, file.name);
  return form;
}

export default function Upload() {
  const { client, tenant, company, apiKey } = useScope();
  const [file, setFile] = useState<File | null>(null);
  const accounts = useAccounts().filter((name) => /^(Assets|Liabilities):/.test(name));
  const [account, setAccount] = useState(ACCOUNT);
  const [told, setTold] = useState<Told>({});
  const [sent, setSent] = useState<number | null>(null);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const fields = { tenant_id: tenant, company_id: company, account, profile: profileOf(told) };
  const words = JSON.stringify(fields);
  /* The same file with the same words makes one job, however often the button is pressed. */
  const key = useMemo(() => crypto.randomUUID(), [file, words]);
  const asked = file && tenant && company ? `${file.name} ${file.size} ${file.lastModified} ${words}` : null;
  const { data: preview, error, loading, reload } = useApi(asked, async (api, signal) => {
    const answer = await api.send("POST", "/api/preview", { body: formOf(file as File, fields) }, { signal });
    return (await answer.json()) as Preview;
  });
  const tell = (name: string, value: string) =>
    setTold((before) => {
      const { [name]: _, ...rest } = before;
      return value === "" ? rest : { ...rest, [name]: value };
    });
  const start = () => {
    if (!file) return;
    setRefused(null);
    setSent(0);
    sendFile(client, apiKey, formOf(file, fields), key, setSent)
      .then((job) => navigate(addressOf(`${HOME}/${job.job_id}`)))
      .catch((fault: unknown) => setRefused(asApiError(fault)))
      .finally(() => setSent(null));
  };

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
        file={file}
        onFile={(next) => {
          setFile(next);
          setTold({});
          setRefused(null);
        }}
      />
      <div className="form one">
        <Field label="Bank account" hint="Its account in the books">
          <input value={account} list="accounts" onChange={(e) => setAccount(e.target.value)} />
        </Field>
        <datalist id="accounts">
          {accounts.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </div>
      {error && <Failure error={error} retry={reload} />}
      {loading && asked && !preview && <Loading what="how the file is read" />}
      {preview && (
        <>
          <Question preview={preview} told={told} onTell={tell} />
          <Doubts preview={preview} />
          {preview.reading && (
            <>
              <p className="row">
                <button type="button" className="primary" onClick={start} disabled={sent !== null || preview.error !== null}>
                  {sent === null ? `Start: ${preview.reading.rows.toLocaleString()} rows` : "Uploading…"}
                </button>
                {sent !== null && <progress max={1} value={sent} aria-label="Upload" />}
                {preview.reading.recognised && <span className="good">Read as this account's files before</span>}
              </p>
              {refused && <Failure error={refused} retry={start} />}
              <details>
                <summary>How the file is read, and how sure that is</summary>
                <ReadingForm preview={preview} told={told} onTell={tell} />
              </details>
              <PreviewRows rows={preview.rows} />
            </>
          )}
        </>
      )}
    </>
  );
}
