/* ChosenFile - one file: how it will be read, what is asked about it, and the start of its job. */
import { useMemo, useRef, useState } from "react";
import type { ApiError } from "../../client/api";
import { Failure, Loading } from "../shell/States";
import { isolated } from "../shell/format";
import { onceKey } from "../shell/onceKey";
import { addressOf, navigate } from "../shell/router";
import { HOME } from "../shell/routes";
import { useScope } from "../shell/scope";
import { useToast } from "../shell/toasts";
import { asApiError, useApi } from "../shell/useApi";
import { useHere } from "../shell/useHere";
import { useKeptFocus } from "../shell/useKeptFocus";
import { PreviewRows } from "./PreviewRows";
import { ReadingForm, type ReadingFormProps } from "./ReadingForm";
import { type Preview, type Told, partsThatAnswer, profileOf, refusalOf } from "./reading";
import { sendFile } from "./sendFile";

function Question({ busy, ...form }: ReadingFormProps & { busy: boolean }) {
  const { error } = form.preview;
  if (!error) return null;
  const open = partsThatAnswer(error.code);
  /* What was answered before may be what is wrong. */
  const parts = [...open, ...Object.keys(form.told)];
  return (
    <div className="question">
      <div role="alert">
        <p>
          <b>{open.length > 0 ? "The file leaves this open" : "This file can't be read"}</b>
        </p>
        <p>{error.row === null ? error.message : `Line ${error.row}: ${error.message}`}</p>
        {error.hint && open.length === 0 && <p className="muted">{error.hint}</p>}
      </div>
      {parts.length > 0 && (
        <ReadingForm {...form} only={parts}>
          {/* The field settles as the focus comes here. */}
          <button type="submit">{busy ? "Reading it again…" : "Use this answer"}</button>
        </ReadingForm>
      )}
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

/** Sends the file; who has left by the time it is there is told so, and stays where they are. */
function useStart(file: File, fields: Record<string, string | null>, key: string) {
  const { client, apiKey } = useScope();
  const say = useToast();
  const [sent, setSent] = useState<number | null>(null);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const here = useHere();
  const start = () => {
    setRefused(null);
    setSent(0);
    sendFile(client, apiKey, formOf(file, fields), key, setSent)
      .then((job) => {
        if (here.current) navigate(addressOf(`${HOME}/${job.job_id}`));
        else say(`${isolated(file.name)} is uploaded, and its job has begun`);
      })
      .catch((fault: unknown) => {
        const error = asApiError(fault);
        if (here.current) setRefused(error);
        else say(`${isolated(file.name)} was not uploaded: ${error.message}`, { bad: true });
      })
      .finally(() => setSent(null));
  };
  return { start, sent, refused };
}

export function ChosenFile({ file, account }: { file: File; account: string }) {
  const { tenant, company } = useScope();
  const [told, setTold] = useState<Told>({});
  const fields = { tenant_id: tenant, company_id: company, account, profile: profileOf(told) };
  const words = JSON.stringify(fields);
  /* The same file with the same words makes one job, however often the button is pressed. */
  const key = useMemo(onceKey, [file, words]);
  const { start, sent, refused } = useStart(file, fields, key);
  const { data, error, loading, reload } = useApi(`preview ${words}`, async (api, signal) => {
    const answer = await api.send("POST", "/api/preview", { body: formOf(file, fields) }, { signal });
    return (await answer.json()) as Preview;
  });
  /* An answer that is refused leaves what was asked, and the field that it was given in. */
  const refusal = data && refusalOf(data);
  const understood = useRef<Preview | null>(null);
  if (data && !refusal) understood.current = data;
  const preview = understood.current ?? data;

  const startButton = useRef<HTMLButtonElement>(null);
  const act = useKeptFocus(() => startButton.current);
  const tell = (name: string, value: string) => {
    act();
    setTold((before) => {
      const { [name]: _, ...rest } = before;
      return value === "" ? rest : { ...rest, [name]: value };
    });
  };
  const blocked =
    sent !== null || loading || error !== null || refusal !== null || Boolean(preview?.error);

  return (
    <>
      {error && <Failure error={error} retry={reload} />}
      {loading && !preview && <Loading what="how the file is read" />}
      {refusal && refusal.key === null && (
        <p role="alert" className="bad">
          {refusal.message}
        </p>
      )}
      {preview && (
        <>
          <Question preview={preview} told={told} refusal={refusal} onTell={tell} busy={loading} />
          <Doubts preview={preview} />
          {preview.reading && (
            <>
              <p className="row">
                {/* Not disabled: while an answer is read, who has come here stays here. */}
                <button
                  ref={startButton}
                  type="button"
                  className="primary"
                  aria-disabled={blocked || undefined}
                  onClick={() => blocked || start()}
                >
                  {sent === null ? `Start: ${preview.reading.rows.toLocaleString()} rows` : "Uploading…"}
                </button>
                {sent !== null && <progress max={1} value={sent} aria-label="Upload" />}
                {preview.reading.recognised && <span className="good">Read as this account's files before</span>}
              </p>
              {refused && <Failure error={refused} retry={start} />}
              <details>
                <summary>How the file is read, and how sure that is</summary>
                <ReadingForm preview={preview} told={told} refusal={refusal} onTell={tell} />
              </details>
              <PreviewRows rows={preview.rows} />
            </>
          )}
        </>
      )}
    </>
  );
}
