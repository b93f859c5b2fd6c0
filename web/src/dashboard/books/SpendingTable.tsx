import { AccountName } from "./AccountName";
import { Money } from "./Money";
import { sum } from "./money";
import { monthText } from "../shell/scale";
import type { Spending } from "./spending";

/** The chart's numbers as a table: the newest month first, as it is wide. */
export function SpendingTable({ spending, title }: { spending: Spending; title: string }) {
  const months = spending.months.map((month, i) => ({ month, i })).reverse();
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={title}>
      <table className="books-months">
        <caption className="hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">Account</th>
            <th scope="col" className="number">Together</th>
            {months.map(({ month }) => (
              <th key={month} scope="col" className="number">{monthText(month)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {spending.series.map((one) => (
            <tr key={one.name}>
              <th scope="row"><AccountName name={one.name} /></th>
              <td className="number"><Money amount={one.total} /></td>
              {months.map(({ month, i }) => (
                <td key={month} className="number"><Money amount={one.amounts[i] ?? "0"} /></td>
              ))}
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Together</th>
            <td className="number"><Money amount={sum(spending.totals)} /></td>
            {months.map(({ month, i }) => (
              <td key={month} className="number"><Money amount={spending.totals[i] ?? "0"} /></td>
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
