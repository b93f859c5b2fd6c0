/* PreviewRows - the first rows of a file, as they will be stored, or why they will not. */
import { Scroll } from "../shell/Scroll";
import type { Preview } from "./reading";

export function PreviewRows({ rows }: { rows: Preview["rows"] }) {
  if (rows.length === 0) return null;
  return (
    <Scroll label="First rows">
      <table>
        <caption>The first {rows.length} rows as they will be stored</caption>
        <thead>
          <tr>
            <th className="number">Line</th>
            <th>Date</th>
            <th>Description</th>
            <th className="number">Amount</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.line}>
              <td className="number muted">{row.line}</td>
              {row.reason ? (
                <td colSpan={3} className="cut">
                  <span className="badge warn">{row.reason}</span> <bdi>{row.detail}</bdi>{" "}
                  <bdi className="mono muted">{row.raw}</bdi>
                </td>
              ) : (
                <>
                  <td className="nowrap">{row.date}</td>
                  <td className="cut">{row.description}</td>
                  <td className="number">
                    {row.amount} {row.currency}
                  </td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
