import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LAMBDA_SYSTEM } from "./packages/system.ts";

vi.mock("./make-bundles.ts", { spy: true });
// Other files of this worker have loaded it without the spy.
vi.resetModules();
const { bundleFunctions } = await import("./bundle.ts");
const { makeBundles } = await import("./make-bundles.ts");

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fanout-bundles-test-"));
  for (const name of ["a", "b"]) {
    write(`functions/${name}/handler.ts`, `import { shared } from "../../lib/shared.ts";\n${HANDLER}`);
  }
  write("lib/shared.ts", 'export { default as shared } from "dep";');
  write("node_modules/dep/package.json", '{"name":"dep","version":"1.0.0","main":"index.js"}');
  write("node_modules/dep/index.js", 'module.exports = "dep";');
  write("node_modules/.package-lock.json", "{}");
  write("package.json", '{"type":"module"}');
  // Otherwise what was just written counts as changed while it is read.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true });
});

const HANDLER = "export const handler = () => shared;";
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};

/** @returns the names of the functions that were bundled, and the code of a. */
function bundle({ out = "out", system }: { out?: string; system?: typeof LAMBDA_SYSTEM } = {}) {
  vi.mocked(makeBundles).mockClear();
  const entries = { a: join(root, "functions/a/handler.ts"), b: join(root, "functions/b/handler.ts") };
  const inputs = bundleFunctions(entries, join(root, out), { root, system });
  const made = vi.mocked(makeBundles).mock.calls.flatMap(([changed]) => Object.keys(changed));
  return { made, inputs, code: readFileSync(join(root, out, "a/index.mjs"), "utf8") };
}

test("nothing is bundled again while nothing changes, wherever the bundles go", () => {
  const first = bundle();
  expect(first.made).toEqual(["a", "b"]);
  const second = bundle({ out: "elsewhere/deep" });
  expect(second.made).toEqual([]);
  expect(second.code).toBe(first.code);
  expect(new Set(second.inputs.contents)).toEqual(new Set(first.inputs.contents));
});

test.each<[string, () => void, string[]]>([
  ["a function's code", () => write("functions/a/handler.ts", `const shared = 2; ${HANDLER}`), ["a"]],
  ["code that both import", () => write("lib/shared.ts", "export const shared = 2;"), ["a", "b"]],
  ["a package's code", () => write("node_modules/dep/index.js", "module.exports = 2;"), ["a", "b"]],
  ["a package's settings", () => write("node_modules/dep/package.json", "{}"), ["a", "b"]],
  ["the installed packages", () => write("node_modules/.package-lock.json", '{"x":1}'), ["a", "b"]],
  ["the project's settings", () => write("tsconfig.json", "{}"), ["a", "b"]],
  ["the settings of a folder", () => write("functions/package.json", "{}"), ["a", "b"]],
  ["packages of its own", () => write("functions/a/node_modules/dep/index.js", ""), ["a"]],
  ["a new file beside it", () => write("functions/b/more.ts", ""), ["b"]],
  ["a new function", () => write("functions/c/handler.ts", ""), []],
  ["a test", () => write("functions/a/handler.test.ts", ""), []],
])("%s changes: only what depends on it is bundled again", (_, change, made) => {
  bundle();
  change();
  expect(bundle().made).toEqual(made);
  expect(bundle().made).toEqual([]);
});

test("a file that the code reads beside it is part of it, and so is one that does not exist yet", () => {
  const read = (name: string) => `readFileSync(new URL("./texts/${name}.txt", import.meta.url));`;
  write("functions/a/handler.ts", `import { readFileSync } from "node:fs";${read("one")}${read("two")}`);
  write("functions/a/texts/one.txt", "1");
  bundle();
  for (const name of ["one", "two"]) {
    write(`functions/a/texts/${name}.txt`, "2");
    expect(bundle().made).toEqual(["a"]);
  }
  expect(bundle().made).toEqual([]);
});

test("another system, entry or function has another bundle", () => {
  bundle();
  expect(bundle({ system: LAMBDA_SYSTEM }).made).toEqual(["a", "b"]);
  cpSync(join(root, "functions/b/handler.ts"), join(root, "functions/b/other.ts"));
  vi.mocked(makeBundles).mockClear();
  bundleFunctions({ a: join(root, "functions/b/other.ts") }, join(root, "out"), { root });
  expect(vi.mocked(makeBundles)).toHaveBeenCalledWith(
    { a: join(root, "functions/b/other.ts") },
    expect.anything(),
  );
});

test("code that cannot be bundled is not kept", () => {
  const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  write("functions/a/handler.ts", 'import "./missing.ts";');
  expect(() => bundle()).toThrow(/Could not resolve/);
  expect(() => bundle()).toThrow(/Could not resolve/);
  expect(stderr).toHaveBeenCalledTimes(2);
  stderr.mockRestore();
});

test("if npm has not installed the packages, nothing is kept", () => {
  rmSync(join(root, "node_modules/.package-lock.json"));
  bundle();
  expect(bundle().made).toEqual(["a", "b"]);
});
