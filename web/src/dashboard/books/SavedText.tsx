import { type ReactNode, useState } from "react";
import { ApiError } from "../../client/api";
import { Failure, Loading } from "../shell/States";
import { useScope } from "../shell/scope";
import { useToast } from "../shell/toasts";
import { asApiError, useApi } from "../shell/useApi";
import { faultsOf, type RulesFault } from "./rulesFaults";
import { TextEditor } from "./TextEditor";
import { useDraft } from "./useDraft";

export interface Versioned {
  version: string;
  text: string;
}

interface Props {
  /** "rules" or "accounts": names what is kept and asked for. */
  name: string;
  label: string;
  /** The field of the request that holds the text: faults are those of this one. */
  field: string;
  load: (signal: AbortSignal) => Promise<Versioned>;
  save: (text: string, version: string) => Promise<Versioned>;
  /** What stands beside the editor, given the text as it is in it. */
  children?: (text: string) => ReactNode;
}

/** An editor of a text that the server keeps by version: saving says where it is faulty, and never
 * overwrites what somebody else saved meanwhile without asking. */
export function SavedText({ name, label, field, load, save, children }: Props) {
  const { tenant, company } = useScope();
  const say = useToast();
  const kept = useApi(name, (_, signal) => load(signal));
  const [saved, setSaved] = useState<Versioned | null>(null);
  const [draft, setDraft] = useDraft(`daybook.${name}.${tenant}.${company}`);
  const [faults, setFaults] = useState<RulesFault[]>([]);
  const [error, setError] = useState<ApiError | null>(null);
  const [theirs, setTheirs] = useState<Versioned | null>(null);
  const [busy, setBusy] = useState(false);
  const base = saved ?? kept.data;

  if (!base)
    return kept.error ? (
      <Failure error={kept.error} retry={kept.reload} />
    ) : (
      <Loading what={label.toLowerCase()} />
    );
  const text = draft ?? base.text;
  const changed = draft !== null && draft !== base.text;

  const store = async (version: string) => {
    setBusy(true);
    setError(null);
    setTheirs(null);
    try {
      setSaved(await save(text, version));
      setDraft(null);
      setFaults([]);
      say("Saved: in force for jobs that begin from now on");
    } catch (told) {
      const problem = asApiError(told);
      const found = faultsOf(problem.problem?.errors ?? [], field);
      setFaults(found);
      if (problem.code === "version-changed")
        setTheirs(await load(new AbortController().signal).catch(() => null));
      else if (found.length === 0) setError(problem);
    }
    setBusy(false);
  };
  const onSave = () => {
    if (!busy && changed) void store(base.version);
  };

  return (
    <div className="books-sides">
      <div>
        <TextEditor
          label={label}
          value={text}
          faults={faults}
          onSave={onSave}
          onChange={(next) => setDraft(next)}
        />
        <p className="row">
          <button type="button" className="primary" disabled={busy || !changed} onClick={onSave}>
            Save
          </button>
          {changed && (
            <button
              type="button"
              className="quiet"
              onClick={() => {
                setDraft(null);
                setFaults([]);
              }}
            >
              Discard changes
            </button>
          )}
          <span className="muted" role="status">
            {changed ? "Not saved yet" : `Version ${base.version}`}
          </span>
        </p>
        {theirs && (
          <div className="state failure" role="alert">
            <p>
              <b>Somebody else saved another text while you changed this one.</b>
            </p>
            <p className="row">
              <button type="button" onClick={() => void store(theirs.version)}>
                Save mine over it
              </button>
              <button
                type="button"
                onClick={() => {
                  setSaved(theirs);
                  setDraft(null);
                  setTheirs(null);
                }}
              >
                Take theirs
              </button>
            </p>
          </div>
        )}
        {error && <Failure error={error} />}
      </div>
      {children?.(text)}
    </div>
  );
}
