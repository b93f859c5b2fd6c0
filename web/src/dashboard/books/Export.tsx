import { Field } from "../shell/Field";
import { useQuery } from "../shell/router";
import "./books.css";
import { ExportFormat } from "./ExportFormat";

const FORMATS = [
  {
    format: "hledger", suffix: "journal", title: "hledger",
    about: "Plain text accounting: reports and a web page of your own from a text file.",
    use: "hledger -f FILE balance",
  },
  {
    format: "ledger", suffix: "ledger", title: "Ledger",
    about: "The first of its kind; takes the same text with its own declarations.",
    use: "ledger -f FILE balance",
  },
  {
    format: "beancount", suffix: "beancount", title: "Beancount",
    about: "Strict: every account is opened, every entry checked. For Fava's pages.",
    use: "bean-check FILE",
  },
  {
    format: "csv", suffix: "csv", title: "CSV",
    about: "A line a transaction with its account and who decided it. For spreadsheets.",
    use: "",
  },
  {
    format: "json", suffix: "json", title: "JSON",
    about: "The same as the API lists it. For programs.",
    use: "",
  },
] as const;

/** The books for other tools: what each format is for, and a download of it. */
export default function Export() {
  const [address, change] = useQuery();
  const from = address.get("from") ?? "";
  const to = address.get("to") ?? "";
  return (
    <div className="books">
      <h1>Export</h1>
      <p className="muted">
        The entries that count, in order of days: corrections as they stand, without what they
        replaced. Numbers of transactions stay the same from one export to the next.
      </p>
      <div className="filters">
        <Field label="From" hint="Empty: from the first day">
          <input
            type="date"
            value={from}
            onChange={(event) => change({ from: event.target.value }, { replace: true })}
          />
        </Field>
        <Field label="To" hint="Empty: to the last">
          <input
            type="date"
            value={to}
            onChange={(event) => change({ to: event.target.value }, { replace: true })}
          />
        </Field>
      </div>
      <ul className="cards books-formats">
        {FORMATS.map((one) => (
          <li key={one.format} className="card">
            <ExportFormat {...one} from={from} to={to} />
          </li>
        ))}
      </ul>
    </div>
  );
}
