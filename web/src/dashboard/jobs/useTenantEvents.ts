/* useTenantEvents - every change of a tenant's jobs as it happens; after a broken line what was missed
 * comes first (Last-Event-ID). Rests while the page is hidden. */
import { useEffect, useRef } from "react";
import type { Job } from "../../client/api";
import { listen } from "../../client/events";
import { useScope } from "../shell/scope";

const AGAIN_MS = 2000;
const AGAIN_MAX_MS = 15_000;

/** `onOpen`: the stream has begun, what changed before is not in it. */
export function useTenantEvents(onJob: (job: Job) => void, onOpen: () => void) {
  const { client, tenant } = useScope();
  const heard = useRef(onJob);
  heard.current = onJob;
  const opened = useRef(onOpen);
  opened.current = onOpen;

  useEffect(() => {
    let life: AbortController | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastId = "";
    let waitMs = AGAIN_MS;

    const open = () => {
      const own = new AbortController();
      life = own;
      let begun = lastId !== "";
      const again = () => {
        if (own.signal.aborted) return;
        timer = setTimeout(open, waitMs);
        waitMs = Math.min(waitMs * 2, AGAIN_MAX_MS);
      };
      void listen(
        client,
        "/api/events",
        {
          query: { tenant_id: tenant || undefined },
          signal: own.signal,
          headers: lastId ? { "Last-Event-ID": lastId } : {},
        },
        {
          onBeat: () => {
            waitMs = AGAIN_MS;
            if (!begun) opened.current();
            begun = true;
          },
          onEvent: (event) => {
            if (event.id) lastId = event.id;
            heard.current(JSON.parse(event.data) as Job);
          },
        },
      ).then(again, again);
    };
    const close = () => {
      life?.abort();
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
