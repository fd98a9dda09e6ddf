import { builtinModules } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";

/** What a page gets that uses the client. */
async function bundle() {
  const { metafile, outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, "index.ts")],
    platform: "browser",
    format: "esm",
    bundle: true,
    minify: true,
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  return { files: Object.keys(metafile.inputs), code: outputFiles[0]?.text ?? "" };
}

test("a browser can load it: no built-in module of Node, no zod, nothing that runs agents", async () => {
  const { files, code } = await bundle();
  const imported = [...code.matchAll(/(?:from|import\(?)\s*"([^"]+)"/g)].map(([, name = ""]) => name);
  expect(imported.filter((name) => name.startsWith("node:") || builtinModules.includes(name))).toEqual([]);
  expect(files.filter((file) => /\/zod\/|restate-sdk\/|lib\/(?!client\/)/.test(file))).toEqual([]);
  expect(code).not.toMatch(/\bprocess\.|\bBuffer\b|\brequire\(/);
});

test("it is small", async () => {
  expect((await bundle()).code.length).toBeLessThan(40_000);
});
