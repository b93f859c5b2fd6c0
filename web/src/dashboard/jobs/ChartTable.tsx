/* ChartTable - the figures of a line chart in words, for who can't see it or wants to copy them. */
import { Scroll } from "../shell/Scroll";
import { type Line, chosen, seconds } from "./chartScale";

const ROWS_MAX = 12;

interface ChartTableProps {
  title: string;
  lines: readonly Line[];
  text: (value: number) => string;
}

export function ChartTable({ title, lines, text }: ChartTableProps) {
  const times = chosen(lines[0]?.values ?? [], ROWS_MAX).map((point) => point.ms);
  const at = (line: Line, ms: number) => line.values.find((point) => point.ms >= ms)?.value ?? 0;
  return (
    <details>
      <summary>As a table</summary>
      <Scroll label={title}>
        <table className="narrow">
          <thead>
            <tr>
              <th className="number">After</th>
              {lines.map((line) => (
                <th key={line.name} className="number">
                  {line.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {times.map((ms) => (
              <tr key={ms}>
                <th scope="row" className="number">
                  {seconds(ms - (times[0] ?? 0))}
                </th>
                {lines.map((line) => (
                  <td key={line.name} className="number">
                    {text(at(line, ms))}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}
