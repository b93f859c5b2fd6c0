import { useId, useState, type KeyboardEvent } from "react";
import { Money } from "./Money";
import { ratio, sum } from "./money";
import { monthLabels, monthText, tickText, ticks } from "../shell/scale";
import { drawn, REST, type Spending } from "./spending";
import { useWidth } from "./useWidth";

const HEIGHT = 260;
const TOP = 10;
const BOTTOM = 26;
const LEFT = 44;
const TICKS = 4;
const RIGHT = 10; // half a label
const LABEL_WIDTH = 34; // of a month's name, so that they do not touch

interface Props {
  spending: Spending;
  currency: string;
  /** What the bars are, for those who do not see them. */
  title: string;
}

function label(name: string): string {
  return name === REST ? REST : name.split(":").slice(1).join(" › ") || name;
}

/** Stacked bars, one a month. The values of a month are said beside the drawing when it is pointed
 * at or reached with the arrow keys; everything is in the table too. */
export function SpendingChart({ spending, currency, title }: Props) {
  const { months, series, totals } = spending;
  const { ref, width } = useWidth<HTMLDivElement>(640);
  const [at, setAt] = useState(months.length - 1);
  const id = useId();
  const here = Math.max(0, Math.min(at, months.length - 1));
  const stacked = months.map((_, i) => sum(series.map((one) => drawn(one.amounts[i] ?? "0"))));
  const most = Math.max(...stacked.map((amount) => ratio(amount, "1")), 0);
  const steps = ticks(most, TICKS);
  const top = steps[steps.length - 1] || 1;
  const inner = { width: Math.max(width - LEFT - RIGHT, 40), height: HEIGHT - TOP - BOTTOM };
  const slot = inner.width / Math.max(months.length, 1);
  const bar = Math.max(2, Math.min(slot * 0.7, 48));
  const labels = monthLabels(months, Math.ceil(LABEL_WIDTH / slot));
  const y = (value: number) => TOP + inner.height * (1 - value / top);

  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: months.length - 1 }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(to, months.length - 1)));
  };

  return (
    <figure className="books-chart" aria-labelledby={`${id}-title`}>
      <figcaption id={`${id}-title`}>{title}</figcaption>
      <div
        ref={ref}
        className="books-plot"
        role="slider"
        tabIndex={0}
        aria-label="Month"
        aria-valuemin={0}
        aria-valuemax={months.length - 1}
        aria-valuenow={here}
        aria-valuetext={`${monthText(months[here] ?? "")}: ${totals[here] ?? "0"} ${currency}`}
        onKeyDown={onKeyDown}
      >
        <svg width={width} height={HEIGHT} aria-hidden="true" focusable="false">
          {steps.map((value) => (
            <g key={value}>
              <line className="books-grid" x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} />
              <text className="books-tick" x={LEFT - 6} y={y(value) + 4} textAnchor="end">
                {tickText(value)}
              </text>
            </g>
          ))}
          {months.map((month, i) => {
            let below = 0;
            const x = LEFT + slot * i + (slot - bar) / 2;
            return (
              <g key={month} onPointerEnter={() => setAt(i)} onClick={() => setAt(i)}>
                <rect
                  className={i === here ? "books-slot books-slot-here" : "books-slot"}
                  x={LEFT + slot * i}
                  y={TOP}
                  width={slot}
                  height={inner.height}
                />
                {series.map((one, n) => {
                  const value = ratio(drawn(one.amounts[i] ?? "0"), "1");
                  const rect = (
                    <rect
                      key={one.name}
                      className={`books-series books-series-${one.name === REST ? "rest" : n}`}
                      x={x}
                      y={y(below + value)}
                      width={bar}
                      height={Math.max(0, y(below) - y(below + value))}
                    />
                  );
                  below += value;
                  return rect;
                })}
                {labels[i] && (
                  <text
                    className="books-tick"
                    x={LEFT + slot * (i + 0.5)}
                    y={HEIGHT - 8}
                    textAnchor="middle"
                  >
                    {labels[i]}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
      </div>
      <div className="books-legend">
        <p className="books-legend-month">
          <strong>{monthText(months[here] ?? "")}</strong>
          <Money amount={totals[here] ?? "0"} currency={currency} />
        </p>
        <ul>
          {series.map((one, n) => (
            <li key={one.name}>
              <span
                className={`books-swatch books-series-${one.name === REST ? "rest" : n}`}
                aria-hidden="true"
              />
              <span className="books-legend-name">{label(one.name)}</span>
              <Money amount={one.amounts[here] ?? "0"} />
            </li>
          ))}
        </ul>
      </div>
    </figure>
  );
}
