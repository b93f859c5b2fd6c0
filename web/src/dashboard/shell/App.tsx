/* App - the page around the views: who is looked at, where one can go, and the view itself. */
import { Component, type ReactNode, useEffect, useRef, useState } from "react";
import { ApiError } from "../../client/api";
import { Dialog } from "./Dialog";
import { LoadedView } from "./LoadedView";
import { ScopeForm } from "./ScopeForm";
import { Failure } from "./States";
import { Link, addressOf, navigate, useAddress } from "./router";
import { HOME, ROUTES, type Route, routeOf } from "./routes";
import { ScopeProvider, useScope } from "./scope";
import { ToastProvider, useToast } from "./toasts";
import { useDroppedFiles } from "./useDroppedFiles";

function Navigation({ current }: { current: Route | null }) {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    /* On a narrow screen each group is one line that scrolls. */
    const link = nav.current?.querySelector<HTMLElement>("[aria-current]");
    const line = link?.closest("ul");
    if (!link || !line) return;
    const [at, around] = [link.getBoundingClientRect(), line.getBoundingClientRect()];
    line.scrollLeft += Math.max(0, at.right - around.right) + Math.min(0, at.left - around.left);
  }, [current]);
  const group = (name: Route["group"]) => (
    <ul aria-label={name ?? undefined}>
      {ROUTES.filter((route) => route.group === name).map((route) => (
        <li key={route.path}>
          <Link to={route.path} aria-current={route === current ? "page" : undefined}>
            {route.title}
          </Link>
        </li>
      ))}
    </ul>
  );
  return (
    <nav ref={nav} aria-label="Views">
      {group("Jobs")}
      {group("Books")}
    </nav>
  );
}

function ScopeChoice() {
  const { tenant, company } = useScope();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="quiet scope" onClick={() => setOpen(true)}>
        <span className="muted">Settings</span> <b>{tenant || "all tenants"}</b>
        {company && <> / {company}</>}
      </button>
      {open && (
        <Dialog title="Whose jobs and books" onClose={() => setOpen(false)}>
          <ScopeForm onDone={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}

/** A view that broke says so; the rest of the page goes on. */
class Guard extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null as Error | null };
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  override render() {
    if (!this.state.error) return this.props.children;
    return <Failure error={new ApiError(0, "broken", `This view broke: ${this.state.error.message}`)} />;
  }
}

function View() {
  const { path } = useAddress();
  const { tenant, company } = useScope();
  const found = routeOf(path);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const title = found?.route.title ?? "Not here";

  useEffect(() => {
    document.title = `${title} · daybook`;
    /* A new view is where reading goes on, but for the first, which the browser has announced. */
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [path, title]);

  return (
    <main ref={main} id="view" tabIndex={-1}>
      {!found ? (
        <>
          <h1>There is no such page</h1>
          <p>
            <Link to={HOME}>Background jobs</Link>
          </p>
        </>
      ) : found.route.ofCompany && !(tenant && company) ? (
        <>
          <h1>{title}</h1>
          <p>Books belong to a company: say which.</p>
          <ScopeForm />
        </>
      ) : (
        <Guard key={path}>
          <LoadedView key={`${tenant}/${company}`} route={found.route} id={found.id} />
        </Guard>
      )}
    </main>
  );
}

/** A file that no view takes is not lost without a word. */
function StrayFiles() {
  const say = useToast();
  useDroppedFiles(window, () =>
    say("Not uploaded: Upload, in the navigation, is where a file is dropped", { bad: true }),
  );
  return null;
}

function Frame() {
  const { path } = useAddress();
  useEffect(() => {
    if (path === "/" || path === "/dashboard" || path === "/dashboard/") navigate(addressOf(HOME), { replace: true });
  }, [path]);
  return (
    <>
      <StrayFiles />
      <a className="skip" href="#view">
        Skip to the view
      </a>
      <header className="top">
        <Link to={HOME} className="brand">
          daybook
        </Link>
        <ScopeChoice />
      </header>
      <div className="frame">
        <Navigation current={routeOf(path)?.route ?? null} />
        <View />
      </div>
    </>
  );
}

export function App() {
  return (
    <ScopeProvider>
      <ToastProvider>
        <Frame />
      </ToastProvider>
    </ScopeProvider>
  );
}
