/* useJobs - a list of jobs in pages that changes as they do. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Job } from "../../client/api";
import { type Pages, usePages } from "../shell/usePages";
import { type Filters, type Shown, merge } from "./jobList";
import { useTenantEvents } from "./useTenantEvents";

const PAGE = 50;
/* Changes are drawn this often at most: a busy tenant has hundreds a second. */
const DRAW_MS = 200;
/* Changes that are kept beside the pages, for an answer that is older than they are. */
const HEARD_MAX = 2000;

export interface Jobs extends Omit<Pages<Job>, "items" | "patch">, Shown {}

export function useJobs(filters: Filters): Jobs {
  const { tenant, company, status, type } = filters;
  const query = {
    tenant_id: tenant || undefined,
    company_id: company || undefined,
    status: (status || undefined) as Job["status"] | undefined,
    type: type || undefined,
    limit: PAGE,
  };
  const { items, patch, reload, ...pages } = usePages<Job>(JSON.stringify(query), (client, from, signal) =>
    client.get("/api/jobs", { query: { ...query, cursor: from }, signal }),
  );
  const heard = useRef(new Map<string, Job>());
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [drawn, setDrawn] = useState(0);
  const { cursor } = pages;

  const settle = useCallback(() => {
    const changes = [...heard.current.values()];
    heard.current.clear();
    patch((jobs) => merge(jobs, changes, { tenant, company, status, type }, cursor).jobs);
  }, [patch, tenant, company, status, type, cursor]);
  const draw = () => {
    timer.current = undefined;
    if (heard.current.size > HEARD_MAX) settle();
    setDrawn((n) => n + 1);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useTenantEvents(
    (job) => {
      heard.current.set(job.id, job);
      timer.current ??= setTimeout(draw, DRAW_MS);
    },
    reload, /* what changed between the first answer and the stream */
  );

  const shown = useMemo(
    () => merge(items, heard.current.values(), { tenant, company, status, type }, cursor),
    /* `drawn` stands for what is in `heard` */
    [items, drawn, tenant, company, status, type, cursor],
  );
  return {
    ...pages,
    ...shown,
    reload: useCallback(() => {
      settle();
      reload();
    }, [settle, reload]),
  };
}
