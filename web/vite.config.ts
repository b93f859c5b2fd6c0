/* The dashboard, as status-api serves it: static files under /dashboard/, nothing inline. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/dashboard/",
  plugins: [react()],
  build: {
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/api": process.env["DAYBOOK_URL"] ?? "http://127.0.0.1:8080" } },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.{ts,tsx}"],
    restoreMocks: true,
    unstubGlobals: true,
    isolate: false,
    setupFiles: ["tests/setup.ts"],
  },
});
