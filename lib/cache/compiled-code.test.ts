import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
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
function load(project = root): string {
  const program = `
    import { keepCompiledCode } from ${JSON.stringify(join(import.meta.dirname, "compiled-code.ts"))};
    keepCompiledCode(${JSON.stringify(project)});
    const { value } = await import(${JSON.stringify(pathToFileURL(join(project, "module.ts")).href)});
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

test("a copy of the project whose packages are a link to the original's finds what is kept", () => {
  mkdirSync(join(root, "node_modules"));
  expect(load()).toBe("42");
  const kept = readdirSync(folder(), { recursive: true });
  const copy = mkdtempSync(join(tmpdir(), "fanout-compiled-"));
  try {
    cpSync(join(root, "module.ts"), join(copy, "module.ts"));
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    expect(load(copy)).toBe("42");
    expect(readdirSync(folder(), { recursive: true })).toEqual(kept);
  } finally {
    rmSync(copy, { recursive: true });
  }
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
