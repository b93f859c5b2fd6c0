import { Link, useQuery } from "../shell/router";
import "./books.css";
import { ChartEditor } from "./ChartEditor";
import { RulesEditor } from "./RulesEditor";

/** The company's own rules with a box to try them, or its chart of accounts. */
export default function Rules() {
  const [address] = useQuery();
  const chart = address.get("view") === "accounts";
  return (
    <div className="books">
      <h1>{chart ? "Chart of accounts" : "Rules"}</h1>
      <nav className="books-tabs" aria-label="Texts">
        <Link to="/dashboard/rules" aria-current={chart ? undefined : "page"}>
          Rules
        </Link>
        <Link
          to="/dashboard/rules"
          query={{ view: "accounts" }}
          aria-current={chart ? "page" : undefined}
        >
          Accounts
        </Link>
      </nav>
      {chart ? <ChartEditor /> : <RulesEditor />}
    </div>
  );
}
