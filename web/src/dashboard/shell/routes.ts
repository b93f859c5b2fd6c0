/* routes - every view of the page: its address, its name, and the file that is loaded for it. */
import type { ComponentType } from "react";

/** A view's component, once its file is there. */
export interface View {
  current: ComponentType<{ id?: string }> | null;
  load: () => Promise<void>;
}

export interface Route {
  path: string;
  title: string;
  /** In the navigation: under "Jobs" or "Books". */
  group: "Jobs" | "Books" | null;
  /** Needs a tenant and a company. */
  ofCompany: boolean;
  view: View;
}

const route = (
  path: string,
  title: string,
  group: Route["group"],
  load: () => Promise<{ default: ComponentType<{ id?: string }> }>,
): Route => {
  const view: View = {
    current: null,
    load: async () => {
      view.current = (await load()).default;
    },
  };
  return { path, title, group, ofCompany: group === "Books", view };
};

export const HOME = "/dashboard/background-jobs";

export const ROUTES: Route[] = [
  route(HOME, "Background jobs", "Jobs", () => import("../jobs/Jobs")),
  route("/dashboard/upload", "Upload", "Jobs", () => import("../jobs/Upload")),
  route("/dashboard/stages", "Stages", "Jobs", () => import("../jobs/Stages")),
  route("/dashboard/transactions", "Transactions", "Books", () => import("../books/Transactions")),
  route("/dashboard/review", "Review", "Books", () => import("../books/Review")),
  route("/dashboard/entries", "Journal entries", "Books", () => import("../books/Entries")),
  route("/dashboard/balances", "Balances", "Books", () => import("../books/Balances")),
  route("/dashboard/rules", "Rules", "Books", () => import("../books/Rules")),
  route("/dashboard/imports", "Imports", "Books", () => import("../books/Imports")),
  route("/dashboard/export", "Export", "Books", () => import("../books/Export")),
];

const JOB = route(`${HOME}/`, "Job", null, () => import("../jobs/JobPage"));

/** The view at an address, and the id that the address names. */
export function routeOf(path: string): { route: Route; id?: string } | null {
  const plain = path.length > 1 ? path.replace(/\/+$/, "") : path;
  const found = ROUTES.find((one) => one.path === plain);
  if (found) return { route: found };
  const id = plain.startsWith(JOB.path) ? plain.slice(JOB.path.length) : "";
  return /^\w+$/.test(id) ? { route: JOB, id } : null;
}
