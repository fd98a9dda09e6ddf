import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../support/imports.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
/** The tests that test/testing.e2e.test.ts runs. */
const sources = globSync("test/support/harbour/test/*.ts", { cwd: ROOT }).map(read);

test("the page about testing shows tests that run, as they are", () => {
  const snippets = [...read("docs/testing.md").matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  expect(snippets.length).toBeGreaterThan(4);
  expect(snippets.filter((code) => !sources.some((source) => `\n${source}`.includes(`\n${code}`)))).toEqual(
    [],
  );
});
