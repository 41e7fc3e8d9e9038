import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../static/todolist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    rolldownOptions: {
      input: { page: "src/main.tsx" },
      output: {
        codeSplitting: false,
        entryFileNames: "[name].js",
        assetFileNames: "page.[ext]",
      },
    },
  },
});
