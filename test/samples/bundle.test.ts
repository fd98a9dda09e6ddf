import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleFunctions } from "../../lib/stack/index.ts";
import { ROOT } from "../support/imports.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "fanout-bundle-test-"));
  const handler = join(ROOT, "functions/tools/query_database/handler.ts");
  bundleFunctions({ query_database: handler }, directory);
});
afterAll(() => rmSync(directory, { recursive: true }));

test("the bundle of query_database has its parser's WebAssembly with it", () => {
  const script = [
    'import { queryDatabase } from "./index.mjs";',
    'await queryDatabase({ sql: "/*/**/ SELECT */ COMMIT" }, {}).catch(({ message }) => process.stdout.write(message));',
  ].join("\n");
  const folder = join(directory, "query_database");
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(said).toMatch(/^This tool only reads\..* got TRANSACTION\.$/);
});
