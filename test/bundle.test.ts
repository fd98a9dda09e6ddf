import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeLambdaAdapter } from "../lib/stack/entries.ts";
import { type MadeBundle, makeBundles } from "../lib/stack/make-bundles.ts";
import { SERVER_BUNDLE, serverEntry } from "../lib/stack/server/entry.ts";
import { ROOT } from "./support/imports.ts";

/** Bundling every function takes seconds, on a busy machine more. */
const BUNDLING_MS = 60_000;
/** What a tool's bundle may weigh beside the SDK's WASM module, which every function carries: 2.2 MB of base64. */
const MAX_TOOL_BYTES = 1_500_000;
const WASM = /sdk_shared_core_wasm_bindings\.js$/;

const FUNCTIONS = join(ROOT, "test/support/functions");
/** A tool, one that is an existing Lambda function, and an agent. */
const entriesFor = (folder: string) => ({
  gate: join(FUNCTIONS, "gate/handler.ts"),
  theirs: writeLambdaAdapter(
    "theirs",
    join(ROOT, "test/support/existing-lambdas/theirs.ts"),
    join(folder, ".adapters"),
  ),
  StructuredAgent: join(FUNCTIONS, "structured/handler.ts"),
});

let directory: string;
let made: MadeBundle[];
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "fanout-bundle-test-"));
  const probe = join(directory, "probe.ts");
  writeFileSync(
    probe,
    [
      `import { errorOrigin } from ${JSON.stringify(join(ROOT, "lib/runtime/error-origin.ts"))};`,
      "process.stdout.write(JSON.stringify(errorOrigin(new RangeError('marker'))));",
    ].join("\n"),
  );
  const routes = serverEntry({ functions: FUNCTIONS, agents: [] }, directory, undefined);
  const entries = { ...entriesFor(directory), ...routes, probe };
  made = makeBundles(entries, { root: ROOT, outDir: directory, system: undefined });
}, BUNDLING_MS);
afterAll(() => rmSync(directory, { recursive: true }));

/** The files in a bundle, with the bytes that each one takes there. */
function contents(name: string): [file: string, bytes: number][] {
  const output = made.find((bundle) => bundle.name === name)?.output;
  if (!output) throw new Error(`${name} has no bundle`);
  return Object.entries(output.inputs).map(([file, { bytesInOutput }]) => [file, bytesInOutput]);
}

describe.each(["gate", "theirs"])("the bundle of %s", (name) => {
  test(`takes ${MAX_TOOL_BYTES / 1e6} MB at most, without the SDK's WASM`, () => {
    const wasm = contents(name).find(([file]) => WASM.test(file));
    expect(wasm?.[1]).toBeGreaterThan(1_000_000);
    const { size } = statSync(join(directory, name, "index.mjs"));
    expect(size - (wasm?.[1] ?? 0)).toBeLessThan(MAX_TOOL_BYTES);
  });

  test("has nothing of OpenTelemetry, whose code is in a file beside it, for functions that trace", () => {
    expect(contents(name).filter(([file]) => /opentelemetry|import-in-the-middle/.test(file))).toEqual([]);
    expect(statSync(join(directory, name, "opentelemetry.mjs")).size).toBeGreaterThan(50_000);
  });

  test("has no model SDK, no CDK and no language but one", () => {
    const files = contents(name).map(([file]) => file);
    const foreign = /node_modules\/(ai|@ai-sdk|aws-cdk-lib|constructs|@restatedev\/restate-cdk|esbuild)\//;
    expect(files.filter((file) => foreign.test(file))).toEqual([]);
    const locales = files.filter((file) => /\/zod\/.*\/locales\//.test(file));
    expect(locales.map((file) => file.split("/").at(-1))).toEqual(["en.js"]);
  });
});

test("the bundle of an agent has no CDK and no tool's packages", () => {
  const foreign = /node_modules\/(aws-cdk-lib|constructs|@restatedev\/restate-cdk|esbuild|pg|nodemailer)\//;
  expect(contents("StructuredAgent").filter(([file]) => foreign.test(file))).toEqual([]);
});

test("the bundle of the routes has neither Restate's SDK, nor MCP's, nor a model's", () => {
  const foreign =
    /node_modules\/(@restatedev\/restate-sdk|@modelcontextprotocol|ai|@ai-sdk|aws-cdk-lib|esbuild)\//;
  expect(contents(SERVER_BUNDLE).filter(([file, bytes]) => bytes > 0 && foreign.test(file))).toEqual([]);
});

describe("a bundle's map", () => {
  const mapOf = (name: string) => readFileSync(join(directory, name, "index.mjs.map"), "utf8");

  test.each(["gate", "theirs", "StructuredAgent"])("of %s tells nothing of this machine", (name) => {
    const map = mapOf(name);
    expect(JSON.parse(map).sources).toContain("lib/tool/serve.ts");
    expect(map).not.toMatch(/\.\.\/|"\//);
    expect(map).not.toContain(directory.slice(1));
    expect(JSON.parse(map)).not.toHaveProperty("sourcesContent");
  });

  test.each([
    ["a temporary folder", tmpdir()],
    ["a folder of the project, as the local platform's", join(ROOT, ".fanout")],
  ])("is the same in %s, and so is the bundle", (_, parent) => {
    mkdirSync(parent, { recursive: true });
    const elsewhere = mkdtempSync(join(parent, "fanout-bundle-test-deeper-"));
    const folder = join(elsewhere, "a/b/c");
    try {
      const entries = entriesFor(folder);
      makeBundles(entries, { root: ROOT, outDir: folder, system: undefined });
      for (const file of Object.keys(entries).flatMap((name) => [
        `${name}/index.mjs`,
        `${name}/index.mjs.map`,
      ])) {
        const here = readFileSync(join(directory, file), "utf8");
        expect(readFileSync(join(folder, file), "utf8") === here, file).toBe(true);
      }
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  test("is not loaded with the bundle", () => {
    expect(readFileSync(join(directory, "gate/index.mjs"), "utf8")).not.toContain("sourceMappingURL");
  });

  test("leads from a frame to the source; without it the frame is told as it is", () => {
    const run = () =>
      JSON.parse(
        execFileSync(process.execPath, ["index.mjs"], { cwd: join(directory, "probe"), encoding: "utf8" }),
      );
    expect(run()).toMatchObject({
      errorType: "RangeError",
      frames: expect.arrayContaining([expect.stringMatching(/^probe\.ts:2:\d+$/)]),
    });
    rmSync(join(directory, "probe/index.mjs.map"));
    expect(run()).toMatchObject({
      frames: expect.arrayContaining([expect.stringMatching(/^index\.mjs:\d+:\d+$/)]),
    });
  });
});
