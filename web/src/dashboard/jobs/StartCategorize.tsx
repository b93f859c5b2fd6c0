/* StartCategorize - a categorize job for the company that is looked at. */
import { useState } from "react";
import { asApiError } from "../shell/useApi";
import { addressOf, navigate } from "../shell/router";
import { HOME } from "../shell/routes";
import { useScope } from "../shell/scope";
import { useToast } from "../shell/toasts";
import { useHere } from "../shell/useHere";

const LIMIT = 1_000_000;

export function StartCategorize() {
  const { client, tenant, company } = useScope();
  const say = useToast();
  const [busy, setBusy] = useState(false);
  const here = useHere();
  if (!tenant || !company) return null;
  const start = () => {
    setBusy(true);
    client
      .post("/api/jobs/categorize", { tenant_id: tenant, company_id: company, limit: LIMIT })
      .then((job) => {
        if (here.current) navigate(addressOf(`${HOME}/${job.job_id}`));
        else say("What has no category is being looked at again");
      })
      .catch((error: unknown) => say(asApiError(error).message, { bad: true }))
      .finally(() => setBusy(false));
  };
  return (
    <button
      type="button"
      onClick={start}
      disabled={busy}
      title="Asks rules, history and the model again about everything that has no category"
    >
      Categorize again
    </button>
  );
}
