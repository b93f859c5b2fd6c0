import { type MouseEvent, useEffect, useRef, useState } from "react";
import { type ApiError, isAbort } from "../../client/api";
import { bytes as bytesText } from "../shell/format";
import { Failure } from "../shell/States";
import { useScope } from "../shell/scope";
import { asApiError } from "../shell/useApi";
import { download } from "./download";

interface Props {
  format: string;
  suffix: string;
  title: string;
  about: string;
  /** A command that reads it, with FILE for its name; empty where there is none. */
  use: string;
  from: string;
  to: string;
}

/** One format. Without an API key its download is a plain link, which the browser streams to disk;
 * with one the page fetches it. */
export function ExportFormat({ format, suffix, title, about, use, from, to }: Props) {
  const { client, apiKey, tenant, company } = useScope();
  const [got, setGot] = useState<number | null>(null);
  const [done, setDone] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const life = useRef<AbortController | null>(null);
  const fileName = `${company}.${suffix}`;
  const query = { tenant_id: tenant, company_id: company, format, from, to };

  useEffect(() => () => life.current?.abort(), []);
  const fetchIt = async (event: MouseEvent) => {
    if (!apiKey) return;
    event.preventDefault();
    const own = new AbortController();
    life.current?.abort();
    life.current = own;
    setError(null);
    setDone(false);
    setGot(0);
    try {
      await download(client, "/api/export", query, fileName, {
        onBytes: setGot, signal: own.signal,
      });
      setDone(true);
    } catch (told) {
      setGot(null);
      if (!isAbort(told)) setError(asApiError(told));
    }
  };

  return (
    <>
      <h2>{title}</h2>
      <p>{about}</p>
      {use && (
        <p>
          <code>{use.replace("FILE", fileName)}</code>
        </p>
      )}
      <p className="row">
        <a
          className="button"
          href={client.url("/api/export", { query })}
          download={fileName}
          onClick={(event) => void fetchIt(event)}
        >
          Download {fileName}
        </a>
        <span role="status" className="muted">
          {got !== null && `${bytesText(got)}${done ? ", done" : "…"}`}
        </span>
      </p>
      {error && <Failure error={error} />}
    </>
  );
}
