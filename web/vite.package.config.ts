/* The package @daybook/react: one ES module with its style sheet; React stays outside. */
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    outDir: "package",
    lib: { entry: "src/job/index.ts", formats: ["es"], fileName: "index", cssFileName: "style" },
    rollupOptions: { external: ["react", "react/jsx-runtime"], output: { minify: true } },
  },
});
