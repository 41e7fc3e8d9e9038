import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  // Relative addresses: the files work wherever STATIC_URL puts them.
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../gql_live/static/gql_live/graphiql",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 1_000_000,
    chunkSizeWarningLimit: 10_000,
    rolldownOptions: {
      input: { graphiql: "src/main.tsx" },
      onwarn(warning, report) {
        // "use client" and "use no memo" speak to tools that do not run here.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") report(warning);
      },
      output: {
        // One script with a fixed name. With chunks, a hashing static files storage would serve the
        // entry under two addresses, and a chunk that imports the entry would run it twice.
        codeSplitting: false,
        entryFileNames: "[name].js",
        assetFileNames: "graphiql.[ext]",
      },
    },
  },
  worker: {
    format: "es",
    rolldownOptions: { output: { codeSplitting: false, entryFileNames: "[name].js" } },
  },
});
