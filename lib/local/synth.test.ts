import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { synthesise } from "./synth.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fanout-synth-"));
  mkdirSync(join(root, "bin"));
});
afterEach(() => rmSync(root, { recursive: true }));

const synthesiseApp = (
  code: string,
  { model, signal = new AbortController().signal }: { model?: string; signal?: AbortSignal } = {},
) => {
  writeFileSync(join(root, "bin/app.ts"), code);
  return synthesise({ root, runDir: join(root, "run"), model, signal });
};
const messageOf = (code: string) => synthesiseApp(code).catch((error: Error) => error.message);

test("the app gets its settings and nothing of this process's environment", async () => {
  const outDir = await synthesiseApp(
    `import { writeFileSync, mkdirSync } from "node:fs";
     mkdirSync(process.env.CDK_OUTDIR!);
     writeFileSync(process.env.CDK_OUTDIR + "/env", JSON.stringify(process.env));`,
    { model: "openai/x" },
  );
  expect(JSON.parse(readFileSync(join(outDir, "env"), "utf8"))).toEqual({
    CDK_OUTDIR: outDir,
    TMPDIR: join(root, "run/tmp"),
    FANOUT_TARGET: "local",
    FANOUT_MODEL: "openai/x",
    CDK_VALIDATION: "false",
  });
});

test("an app that throws is reported in its own words, with the place in the person's code and without the stack", async () => {
  expect(await messageOf('const tool: string = "x";\nthrow new TypeError("Tool x:\\n  wrong");')).toBe(
    [
      "The functions of this project cannot be built:",
      `file://${root}/bin/app.ts:2`,
      'throw new TypeError("Tool x:\\n  wrong");',
      "^",
      "",
      "TypeError: Tool x:",
      "  wrong",
    ].join("\n"),
  );
});

test("the kit's own source is not part of the error", async () => {
  mkdirSync(join(root, "lib"));
  writeFileSync(
    join(root, "lib/kit.ts"),
    'export function check() {\n  throw new TypeError("Tool x: wrong");\n}',
  );
  expect(await messageOf('import { check } from "../lib/kit.ts";\ncheck();')).toBe(
    "The functions of this project cannot be built:\nTypeError: Tool x: wrong",
  );
});

test("a syntax error says where it is", async () => {
  const message = await messageOf("const a = ;");
  expect(message).toMatch(/app\.ts:1\n.*const a = ;/);
  expect(message).toMatch(/SyntaxError.*: Expression expected$/);
  expect(message).not.toMatch(/node:internal|^ +at /m);
});

test("an aborted synthesis ends at once, with the signal's reason", async () => {
  const end = new AbortController();
  const synthesis = synthesiseApp("setInterval(() => {}, 1000);", { signal: end.signal });
  setTimeout(() => end.abort("enough"), 50);
  await expect(synthesis).rejects.toBe("enough");
});
