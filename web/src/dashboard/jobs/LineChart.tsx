/* LineChart - a few lines over time, drawn as plain SVG; the same figures follow in words. */
import { useId } from "react";

export interface Line {
  name: string;
  /** Of the line, by class: dash and shade differ, so that colour alone tells nothing. */
  values: { ms: number; value: number }[];
}

interface LineChartProps {
  title: string;
  lines: Line[];
  max: number;
  /** Of a value, for the axis and the words. */
  text: (value: number) => string;
}

const WIDTH = 640;
const HEIGHT = 180;
const LEFT = 62;
const BOTTOM = 22;
const TOP = 8;

function seconds(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}

export function LineChart({ title, lines, max, text }: LineChartProps) {
  const heading = useId();
  const all = lines.flatMap((line) => line.values.map((point) => point.ms));
  const from = Math.min(...all);
  const to = Math.max(...all, from + 1);
  const top = max > 0 ? max : 1;
  const x = (ms: number) => LEFT + ((ms - from) / (to - from)) * (WIDTH - LEFT - 8);
  const y = (value: number) => TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM);
  if (all.length < 2) return null;
  return (
    <figure className="chart" aria-labelledby={heading}>
      <figcaption id={heading}>{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line className="grid" x1={LEFT} x2={WIDTH - 8} y1={y(part * top)} y2={y(part * top)} />
            <text x={LEFT - 8} y={y(part * top) + 4} textAnchor="end">
              {text(part * top)}
            </text>
          </g>
        ))}
        <text x={LEFT} y={HEIGHT - 4}>
          0 s
        </text>
        <text x={WIDTH - 8} y={HEIGHT - 4} textAnchor="end">
          {seconds(to - from)}
        </text>
        {lines.map((line, i) => (
          <polyline
            key={line.name}
            className={`line line-${i % 6}`}
            points={line.values.map((point) => `${x(point.ms).toFixed(1)},${y(point.value).toFixed(1)}`).join(" ")}
          />
        ))}
      </svg>
      <ul className="legend">
        {lines.map((line, i) => (
          <li key={line.name}>
            <svg viewBox="0 0 24 8" aria-hidden="true">
              <line className={`line line-${i % 6}`} x1="0" x2="24" y1="4" y2="4" />
            </svg>
            {line.name} <span className="muted">{text(line.values.at(-1)?.value ?? 0)}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
