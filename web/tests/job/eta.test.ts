import { describe, expect, it } from "vitest";
import { Eta, aboutText } from "../../src/job/eta";

/** Samples twice a second; `fractionAt` of seconds. Gives what was told last. */
function run(eta: Eta, seconds: number, fractionAt: (s: number) => number, from = 0): number | null {
  let told: number | null = null;
  for (let s = from; s <= from + seconds; s += 0.5) told = eta.sample(s * 1000, fractionAt(s));
  return told;
}

describe("Eta", () => {
  it("says nothing before 5 s or 5 %", () => {
    expect(run(new Eta(), 4.5, (s) => s / 10)).toBeNull();
    expect(run(new Eta(), 5, (s) => s / 10)).toBeCloseTo(5000, -2);
    expect(run(new Eta(), 40, (s) => s / 1000)).toBeNull();
  });
  it("follows a job that gets slower", () => {
    const eta = new Eta();
    run(eta, 20, (s) => s / 100);
    const left = run(eta, 40, (s) => 0.2 + (s - 20) / 400, 20.5);
    expect(left).toBeGreaterThan(240_000);
    expect(left).toBeLessThan(300_000);
  });
  it("is right within a factor of two for a job that goes by leaps", () => {
    const eta = new Eta();
    for (let s = 0; s <= 60; s += 0.5) {
      const left = eta.sample(s * 1000, 0.06 * Math.floor(s / 7));
      if (s < 30 || left === null) continue;
      const trueMs = (1 - 0.06 * (s / 7)) * (7000 / 0.06);
      expect(left / trueMs).toBeGreaterThan(0.5);
      expect(left / trueMs).toBeLessThan(2);
    }
  });
  it("says nothing while its guesses contradict each other", () => {
    const eta = new Eta();
    expect(run(eta, 20, (s) => s / 100)).toBeCloseTo(80_000, -2);
    expect(eta.sample(20_500, 0.8)).toBeNull();
  });
  it("says nothing of a job that stands still", () => {
    const eta = new Eta();
    run(eta, 20, (s) => s / 100);
    expect(run(eta, 12, () => 0.2, 20.5)).toBeNull();
  });
  it("is late after twice the time that it said first, and 10 s at least", () => {
    const eta = new Eta();
    run(eta, 10, (s) => s / 100);
    expect(eta.isLate(10_000)).toBe(false);
    expect(eta.isLate(5_000 + 2 * 94_000)).toBe(false);
    expect(eta.isLate(5_000 + 2 * 96_000)).toBe(true);
    expect(new Eta().isLate(1e12)).toBe(false);
  });
});

describe("aboutText", () => {
  it.each([
    [0, "a few seconds"], [9_900, "a few seconds"], [10_000, "about 10 seconds"],
    [44_000, "about 40 seconds"], [54_900, "about 50 seconds"], [55_000, "about a minute"],
    [89_000, "about a minute"], [130_000, "about 2 minutes"], [3_570_000, "about an hour"],
    [7_300_000, "about 2 hours"],
  ])("of %i ms is %s", (ms, text) => {
    expect(aboutText(ms)).toBe(text);
  });
});
