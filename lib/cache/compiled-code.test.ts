import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fanout-compiled-"));
  writeFileSync(join(root, "module.ts"), "export const value: number = 6 * 7;");
});
afterEach(() => rmSync(root, { recursive: true }));

const folder = () => join(root, "node_modules/.cache/fanout/compiled");
/** Loads a module in a program of its own. @returns what the module exports. */
function load(): string {
  const program = `
    import { keepCompiledCode } from ${JSON.stringify(join(import.meta.dirname, "compiled-code.ts"))};
    keepCompiledCode(${JSON.stringify(root)});
    const { value } = await import(${JSON.stringify(pathToFileURL(join(root, "module.ts")).href)});
    process.stdout.write(String(value));`;
  const args = ["--input-type=module", "--eval", program];
  return execFileSync(process.execPath, args, { encoding: "utf8", env: {} });
}

test("nothing is kept where no packages are", () => {
  expect(load()).toBe("42");
  expect(readdirSync(root)).toEqual(["module.ts"]);
});

test("compiled modules are kept in the project's packages; changed ones are compiled again", () => {
  mkdirSync(join(root, "node_modules"));
  expect(load()).toBe("42");
  expect(readdirSync(folder(), { recursive: true }).length).toBeGreaterThan(1);
  expect(load()).toBe("42");
  writeFileSync(join(root, "module.ts"), "export const value: number = 6 * 8;");
  expect(load()).toBe("48");
});

test("when there are too many, all are removed", () => {
  const old = join(folder(), "old");
  mkdirSync(old, { recursive: true });
  for (let number = 0; number <= 5000; number++) writeFileSync(join(old, String(number)), "");
  expect(load()).toBe("42");
  expect(existsSync(old)).toBe(false);
});

test("where nothing can be written, everything works", () => {
  writeFileSync(join(root, "node_modules"), "a file, not a folder");
  expect(load()).toBe("42");
});
