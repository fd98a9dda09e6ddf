import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { synthesise } from "./synth.ts";

/** Writes an assembly, and a line for each time it runs. */
const APP = `
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import "../functions/tool.ts";
import "../shared/contract.ts";
const out = process.env.CDK_OUTDIR;
mkdirSync(out);
writeFileSync(out + "/template", process.env.FANOUT_MODEL ?? "");
const contents = [import.meta.dirname + "/../data/bundled.txt"];
writeFileSync(out + "/bundle-inputs.json", JSON.stringify({ contents, names: [] }));
appendFileSync(import.meta.dirname + "/../runs", "x");
`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fanout-assembly-"));
  write("bin/app.ts", APP);
  write("functions/tool.ts", "1;");
  write("lib/kit.ts", "1;");
  write("shared/contract.ts", "1;");
  write("data/bundled.txt", "1");
  write("package.json", '{"type":"module"}');
  write("node_modules/.package-lock.json", "{}");
  // Otherwise what was just written counts as changed while it is read.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(root, { recursive: true });
});

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
/** @returns how often the app has run, and the assembly's template. */
async function synthesised(model?: string) {
  const signal = new AbortController().signal;
  const outDir = await synthesise({ root, runDir: join(root, "run"), model, signal });
  return {
    runs: readFileSync(join(root, "runs"), "utf8").length,
    template: readFileSync(join(outDir, "template"), "utf8"),
  };
}
const assemblies = join("node_modules/.cache/fanout/assemblies");
const kept = () => readdirSync(join(root, assemblies));

test("nothing is synthesised again while nothing changes", async () => {
  for (let time = 0; time < 3; time++) expect((await synthesised()).runs).toBe(1);
  write("README.md", "Not a part of it.");
  write("functions/tool.test.ts", "Neither is a test.");
  expect((await synthesised()).runs).toBe(1);
});

test.each<[string, () => void]>([
  ["a tool", () => write("functions/tool.ts", "2;")],
  ["the kit", () => write("lib/kit.ts", "2;")],
  ["the app", () => appendFileSync(join(root, "bin/app.ts"), ";")],
  ["the tools there are", () => write("functions/new/tool.ts", "2;")],
  ["code elsewhere that it loads", () => write("shared/contract.ts", "2;")],
  ["a file elsewhere that a bundle contains", () => write("data/bundled.txt", "2")],
  ["CDK's settings", () => write("cdk.json", '{"context":{}}')],
  ["the installed packages", () => write("node_modules/.package-lock.json", '{"x":1}')],
])("%s changes: it is synthesised again, once", async (_, change) => {
  await synthesised();
  change();
  expect((await synthesised()).runs).toBe(2);
  expect((await synthesised()).runs).toBe(2);
});

test("each model has its assembly", async () => {
  expect(await synthesised()).toEqual({ runs: 1, template: "" });
  expect(await synthesised("openai/x")).toEqual({ runs: 2, template: "openai/x" });
  expect(await synthesised()).toEqual({ runs: 2, template: "" });
  expect(await synthesised("openai/x")).toEqual({ runs: 2, template: "openai/x" });
});

test("a damaged assembly is made again", async () => {
  await synthesised();
  write(join(assemblies, kept()[0] as string, "made/template"), "damaged");
  expect(await synthesised()).toEqual({ runs: 2, template: "" });
  rmSync(join(root, "node_modules/.cache"), { recursive: true });
  expect((await synthesised()).runs).toBe(3);
});

test("sources that change while they are read are read again", async () => {
  write("bin/app.ts", `${APP}\nwriteFileSync(import.meta.dirname + "/../lib/kit.ts", "2;");`);
  await synthesised();
  expect(existsSync(join(root, assemblies))).toBe(false);
  expect((await synthesised()).runs).toBe(2);
});

test("an app that fails, or does not say what its bundles were made from, is not kept", async () => {
  write("bin/app.ts", APP.replace("/bundle-inputs.json", "/other.json"));
  await synthesised();
  expect((await synthesised()).runs).toBe(2);
  write("bin/app.ts", `${APP}\nprocess.exitCode = 1;`);
  for (let time = 0; time < 2; time++) await expect(synthesised()).rejects.toThrow(/cannot be built/);
  expect(existsSync(join(root, assemblies))).toBe(false);
});
