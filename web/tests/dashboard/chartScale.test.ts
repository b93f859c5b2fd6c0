import { expect, test } from "vitest";
import { type Line, added, chosen, scaleOf, seconds } from "../../src/dashboard/jobs/chartScale";

const BOX = { left: 10, right: 110, top: 0, bottom: 50 };
const line = (...points: [number, number][]): Line => ({
  name: "a",
  values: points.map(([ms, value]) => ({ ms, value })),
});

test("a chart reaches from the first moment to the last, and above the largest value", () => {
  const scale = scaleOf([line([1000, 0], [3000, 35_750]), line([2000, 10])], 35_750, BOX);
  expect(scale?.ticks).toEqual([0, 20_000, 40_000]);
  expect(scale?.spanMs).toBe(2000);
  expect([1000, 2000, 3000].map((ms) => scale?.x(ms))).toEqual([10, 60, 110]);
  expect([0, 20_000, 40_000].map((value) => scale?.y(value))).toEqual([50, 25, 0]);
});

test("nothing is drawn of one moment, or of none", () => {
  expect(scaleOf([], 1, BOX)).toBeNull();
  expect(scaleOf([line([5, 1])], 1, BOX)).toBeNull();
});

test("only zeros lie on the axis", () => {
  expect(scaleOf([line([0, 0], [1, 0])], 0, BOX)?.y(0)).toBe(50);
});

test("a table names the first, the last and some between", () => {
  const many = Array.from({ length: 100 }, (_, i) => i);
  expect(chosen(many, 4)).toEqual([0, 33, 66, 99]);
  expect(chosen([1, 2], 4)).toEqual([1, 2]);
});

test("a long history is thinned, and keeps its beginning and its end", () => {
  let lines: Line[] = [];
  for (let i = 0; i <= 1000; i++) lines = added(lines, { a: i, b: 0 }, i, 240);
  const times = lines[0]?.values.map((point) => point.ms) ?? [];
  expect(times.length).toBeLessThanOrEqual(240);
  expect([times[0], times.at(-1)]).toEqual([0, 1000]);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(lines.map((one) => one.name)).toEqual(["a", "b"]);
});

test("a stage that comes later has a line of its own from then on", () => {
  const lines = added(added([], { a: 1 }, 1, 9), { a: 2, b: 5 }, 2, 9);
  expect(lines[1]).toEqual({ name: "b", values: [{ ms: 2, value: 5 }] });
});

test("times are short", () => {
  expect([0, 3_400, 119_000, 180_000].map(seconds)).toEqual(["0 s", "3.4 s", "119 s", "3 min"]);
});
