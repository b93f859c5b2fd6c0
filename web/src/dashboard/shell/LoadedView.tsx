/* LoadedView - a view whose file is fetched when it is first looked at. React's own lazy() would show
 * it 300 ms late: it holds back what follows a fallback. */
import { useEffect, useState } from "react";
import { ApiError } from "../../client/api";
import { Failure, Loading } from "./States";
import type { Route } from "./routes";

export function LoadedView({ route, id }: { route: Route; id?: string | undefined }) {
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState(false);
  const { view } = route;
  useEffect(() => {
    if (view.current) return;
    let life = true;
    view.load().then(
      () => life && redraw((n) => n + 1),
      () => life && setFailed(true),
    );
    return () => {
      life = false;
    };
  }, [view]);
  if (view.current) return <view.current {...(id ? { id } : {})} />;
  if (!failed) return <Loading what={route.title.toLowerCase()} />;
  return (
    <>
      <Failure error={new ApiError(0, "page-changed", "This view could not be loaded")} />
      <p>
        daybook may have been updated since this page was opened.{" "}
        <button type="button" onClick={() => window.location.reload()}>
          Load the page again
        </button>
      </p>
    </>
  );
}
