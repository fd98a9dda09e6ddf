import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type TypeChecker, typeChecker } from "./type-checker.ts";

let root: string;
let said: string[];
let types: TypeChecker;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "fanout-types-")));
  for (const folder of ["functions", "test"]) mkdirSync(join(root, folder));
  writeFileSync(join(root, "tsconfig.json"), '{ "compilerOptions": { "types": [], "lib": ["es5"] } }');
  said = [];
  types = typeChecker(root, { buildInfo: join(root, "buildinfo"), say: (text) => said.push(text) });
});
afterEach(async () => {
  await types.stop();
  rmSync(root, { recursive: true });
});

const write = (file: string, text: string) => writeFileSync(join(root, file), text);
/** Time for a compiler on a busy machine. */
const soon = { timeout: 30_000 };

test("a type error is reported once, with its place, and so is its end", soon, async () => {
  write("test/unasked.ts", 'export const c: number = "c";\n');
  write("functions/a.ts", 'export const a: number = "a";\n');
  types.check();
  const first = "  functions/a.ts:1:14: Type 'string' is not assignable to type 'number'.";
  await expect.poll(() => said, soon).toEqual([`Type errors:\n${first}`]);

  write("functions/a.ts", '\nexport const a: number = "a";\n');
  write("functions/b.ts", "export const b: string = 1;\n");
  types.check();
  const second = "  functions/b.ts:1:14: Type 'number' is not assignable to type 'string'.";
  await expect.poll(() => said.slice(1), soon).toEqual([`Type errors:\n${second}`]);

  write("functions/a.ts", "export const a: number = 1;\n");
  write("functions/b.ts", "export const b: number = 1;\n");
  types.check();
  await expect.poll(() => said.slice(2), soon).toEqual(["No type errors any more."]);
});

test("a check that is replaced by another reports nothing", soon, async () => {
  write("functions/a.ts", 'export const a: number = "a";\n');
  types.check();
  write("functions/a.ts", "export const a: string = 1;\n");
  types.check();
  await expect.poll(() => said, soon).toHaveLength(1);
  expect(said[0]).toContain("Type 'number' is not assignable to type 'string'.");
});

test("of many errors the first ten are reported, and the total", soon, async () => {
  const lines = Array.from({ length: 12 }, (_, index) => `export const a${index}: "${index}" = "a";\n`);
  write("functions/a.ts", lines.join(""));
  types.check();
  await expect.poll(() => said, soon).toHaveLength(1);
  expect(said[0]?.split("\n")).toHaveLength(1 + 10 + 1);
  expect(said[0]).toMatch(/and 2 more\. All of them: npm run types$/);
});
