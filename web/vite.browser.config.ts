/* Tests of the page in Chromium, against a running system: web/test.sh browser. With DAYBOOK_SHOTS set
 * the pictures of docs/shots are made instead. */
import { defineConfig } from "vitest/config";

/* Nothing here waits for luck: these are the limits of a machine that does ten other things. */
const TEST_MS = 180_000;

export default defineConfig({
  test: {
    environment: "node",
    include: [process.env["DAYBOOK_SHOTS"] ? "tests/browser/shots.ts" : "tests/browser/*.browser.ts"],
    testTimeout: TEST_MS,
    hookTimeout: TEST_MS,
    teardownTimeout: TEST_MS,
    fileParallelism: false,
  },
});
