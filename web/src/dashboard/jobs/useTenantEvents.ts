/* useTenantEvents - every change of a tenant's jobs as it happens; after a broken line or while the page
 * was hidden what was missed comes first (Last-Event-ID). */
import { useEffect, useRef } from "react";
import { ApiError, type Job } from "../../client/api";
import { listen } from "../../client/events";
import { useScope } from "../shell/scope";

const AGAIN_MS = 2000;
const AGAIN_MAX_MS = 15_000;
/* The server sends a comment every 5 s. */
const MUTE_MS = 15_000;

/** `onOpen`: the stream has begun, what changed before is not in it. */
export function useTenantEvents(onJob: (job: Job) => void, onOpen: () => void) {
  const { client, tenant } = useScope();
  const heard = useRef(onJob);
  heard.current = onJob;
  const opened = useRef(onOpen);
  opened.current = onOpen;

  useEffect(() => {
    let line: AbortController | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastId = "";
    let waitMs = AGAIN_MS;

    const again = () => {
      close();
      timer = setTimeout(open, waitMs);
      waitMs = Math.min(waitMs * 2, AGAIN_MAX_MS);
    };
    const listenFor = () => {
      clearTimeout(timer);
      timer = setTimeout(again, MUTE_MS);
    };
    const open = () => {
      const own = new AbortController();
      line = own;
      let begun = lastId !== "";
      listenFor();
      void listen(
        client,
        "/api/events",
        {
          query: { tenant_id: tenant || undefined },
          signal: own.signal,
          headers: lastId ? { "Last-Event-ID": lastId } : {},
        },
        {
          onEvent: (event) => heard.current(JSON.parse(event.data) as Job),
          onBeat: (id) => {
            if (own.signal.aborted) return;
            if (!begun) opened.current();
            begun = true;
            lastId = id || lastId;
            waitMs = AGAIN_MS;
            listenFor();
          },
        },
      ).then(
        () => own.signal.aborted || again(),
        (error: unknown) => {
          if (own.signal.aborted) return;
          if (error instanceof ApiError && error.final) close();
          else again();
        },
      );
    };
    const close = () => {
      line?.abort();
      clearTimeout(timer);
    };
    const visibility = () => {
      close();
      if (document.visibilityState === "visible") open();
    };
    visibility();
    document.addEventListener("visibilitychange", visibility);
    return () => {
      document.removeEventListener("visibilitychange", visibility);
      close();
    };
  }, [client, tenant]);
}
