// @vitest-environment node
import { renderToString } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { JobProgress } from "../../src/job/JobProgress";

describe("on a server", () => {
  it("there is no window, and a job is queued until the browser knows better", () => {
    expect(typeof window).toBe("undefined");
    const html = renderToString(<JobProgress jobId="job_1" title="May" />);
    expect(html).toContain("Job queued");
    expect(html).toContain('role="progressbar"');
    expect(html).toContain('aria-valuetext="Job queued"');
  });
});
