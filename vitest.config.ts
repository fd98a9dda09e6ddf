import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{lib,functions,bin}/**/*.test.ts", "test/{,samples/}*.test.ts"],
          exclude: ["test/**/*.e2e.test.ts"],
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/{,samples/}*.e2e.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 30_000 } },
          // Each file starts its own restate-server and Lambda environments; two at a time is what two cores carry.
          maxWorkers: 2,
        },
      },
    ],
  },
});
