import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { defineConfig, type Plugin } from "vitest/config";
import { DATA_IMPORTS } from "./lib/stack/data-imports.ts";

/** Files that are no code are imported in a test as in a bundle. */
const dataImports: Plugin = {
  name: "data-imports",
  enforce: "pre",
  load(file) {
    const kind = new Map(Object.entries(DATA_IMPORTS)).get(extname(file));
    if (kind === undefined) return undefined;
    const bytes = readFileSync(file);
    return kind === "text"
      ? `export default ${JSON.stringify(bytes.toString())};`
      : `export default new Uint8Array(Buffer.from("${bytes.toString("base64")}", "base64"));`;
  },
};

/** Twice as many as a small machine has cores, since end-to-end tests wait for half of their time. */
const maxWorkers = availableParallelism() + 2;

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [dataImports],
        test: {
          name: "unit",
          // Modules are loaded once for all the files of a worker, which is half of the time of most files.
          isolate: false,
          maxWorkers,
          include: ["{lib,functions,bin}/**/*.test.ts", "test/{,samples/}*.test.ts"],
          // A template's tests are run in a project that is made from it.
          exclude: ["test/**/*.e2e.test.ts", "lib/create/templates/**"],
          // A synthesis or a bundle takes seconds on a machine that is busy.
          testTimeout: 30_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        plugins: [dataImports],
        test: {
          name: "e2e",
          include: ["test/{,samples/}*.e2e.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 30_000 } },
          // The files of a worker take turns with the functions of test/support/warm-cluster.ts.
          isolate: false,
          environment: "./test/support/worker.ts",
          maxWorkers,
        },
      },
      {
        test: {
          name: "package",
          include: ["test/package/*.test.ts"],
          globalSetup: "./test/package/packed.ts",
          // npm installs some 180 packages.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
