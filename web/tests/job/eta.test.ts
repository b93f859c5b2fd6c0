import { describe, expect, it } from "vitest";
import { Eta, aboutText } from "../../src/job/eta";
import { pollDelayMs } from "../../src/job/schedule";
import { compareChanges } from "../../src/job/record";

describe("Eta", () => {
  it("says nothing before 5 s", () => {
    const eta = new Eta();
    for (let ms = 0; ms < 5000; ms += 500) expect(eta.sample(ms, ms / 10_000)).toBeNull();
    expect(eta.sample(5000, 0.5)).toBeCloseTo(5000, -2);
  });

  it("says nothing before 5 %", () => {
    const eta = new Eta();
    for (let s = 0; s <= 49; s++) expect(eta.sample(s * 1000, s / 1000)).toBeNull();
    expect(eta.sample(51_000, 0.051)).not.toBeNull();
  });

  it("says nothing while its guesses contradict each other", () => {
    const eta = new Eta();
    let fraction = 0.05;
    let said = 0;
    for (let i = 0; i < 40; i++) {
      fraction += i % 4 === 0 ? 0.02 : 0.0001;
      if (eta.sample(i * 1000, fraction) !== null) said++;
    }
    expect(said).toBeLessThan(12);
  });

  it("says nothing of a job that stands still", () => {
    const eta = new Eta();
    eta.sample(0, 0.5);
    for (let s = 1; s < 60; s++) expect(eta.sample(s * 1000, 0.5)).toBeNull();
  });
});

describe("aboutText", () => {
  it.each([
    [3000, "a few seconds"],
    [22_000, "about 20 seconds"],
    [58_000, "about a minute"],
    [119_000, "about 2 minutes"],
    [3_500_000, "about 58 minutes"],
    [3_590_000, "about an hour"],
    [9_000_000, "about 3 hours"],
  ])("%d ms is %s", (ms, words) => expect(aboutText(ms)).toBe(words));
});

describe("pollDelayMs", () => {
  it("never exceeds 5 s", () => {
    expect(pollDelayMs(19)).toBe(3375);
    expect(pollDelayMs(20)).toBe(5000);
    expect(pollDelayMs(100_000)).toBe(5000);
  });
});

describe("compareChanges", () => {
  it("orders by epoch, then by count, as numbers", () => {
    expect(compareChanges("1-9", "1-10")).toBeLessThan(0);
    expect(compareChanges("10-1", "9-5")).toBeGreaterThan(0);
    expect(compareChanges("3-7", "3-7")).toBe(0);
  });
});
