/* LineChart - a few lines over time, drawn as plain SVG; the same figures follow as a table. */
import { useId } from "react";
import { ChartTable } from "./ChartTable";
import { type Line, scaleOf, seconds } from "./chartScale";

interface LineChartProps {
  title: string;
  lines: Line[];
  max: number;
  /** Of a value, for the axis and the table. */
  text: (value: number) => string;
}

const WIDTH = 640;
const HEIGHT = 180;
const BOX = { left: 62, right: WIDTH - 8, top: 10, bottom: HEIGHT - 22 };
/* Dash and shade differ too, so that colour alone tells nothing (jobs.css). */
const LOOKS = 7;

export function LineChart({ title, lines, max, text }: LineChartProps) {
  const heading = useId();
  const scale = scaleOf(lines, max, BOX);
  if (!scale) return null;
  const { x, y } = scale;
  return (
    <figure className="chart" aria-labelledby={heading}>
      <figcaption id={heading}>{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {scale.ticks.map((value) => (
          <g key={value}>
            <line className="grid" x1={BOX.left} x2={BOX.right} y1={y(value)} y2={y(value)} />
            <text x={BOX.left - 8} y={y(value) + 4} textAnchor="end">
              {text(value)}
            </text>
          </g>
        ))}
        <text x={BOX.left} y={HEIGHT - 4}>
          0 s
        </text>
        <text x={BOX.right} y={HEIGHT - 4} textAnchor="end">
          {seconds(scale.spanMs)}
        </text>
        {lines.map((line, i) => (
          <polyline
            key={line.name}
            className={`line line-${i % LOOKS}`}
            points={line.values
              .map((point) => `${x(point.ms).toFixed(1)},${y(point.value).toFixed(1)}`)
              .join(" ")}
          />
        ))}
      </svg>
      <ul className="legend">
        {lines.map((line, i) => (
          <li key={line.name}>
            <svg viewBox="0 0 24 8" aria-hidden="true">
              <line className={`line line-${i % LOOKS}`} x1="0" x2="24" y1="4" y2="4" />
            </svg>
            {line.name} <span className="muted">{text(line.values.at(-1)?.value ?? 0)}</span>
          </li>
        ))}
      </ul>
      <ChartTable title={title} lines={lines} text={text} />
    </figure>
  );
}
