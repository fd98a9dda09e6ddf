import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { describe, expect, inject, test } from "vitest";
import root from "../../package.json" with { type: "json" };
import { ROOT } from "../support/imports.ts";

const { fanout, createFanout } = inject("built");
const packed = inject("packed");
const filesIn = (folder: string) =>
  globSync("**", { cwd: folder }).filter((file) => statSync(join(folder, file)).isFile());
const read = (file: string) => readFileSync(join(fanout, file), "utf8");
const manifest = JSON.parse(read("package.json"));

test("publint has nothing to say", async () => {
  for (const pkgDir of [fanout, createFanout]) {
    const { messages, pkg } = await publint({ pkgDir, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  }
});

test("every door's types are found as its code is, which arethetypeswrong confirms", () => {
  const attw = join(ROOT, "node_modules/.bin/attw");
  const printed = execFileSync(attw, [packed.fanout.tarball, "--profile", "esm-only", "--format", "json"], {
    encoding: "utf8",
    maxBuffer: 1e8,
  });
  const { analysis, problems } = JSON.parse(printed);
  expect(Object.keys(analysis.entrypoints).sort()).toEqual(
    [...Object.keys(root.exports), "./package.json"].sort(),
  );
  // Node 10 and CommonJS know no ES modules.
  const ours = Object.values<{ resolutionKind?: string }[]>(problems ?? {})
    .flat()
    .filter(({ resolutionKind }) => resolutionKind === "node16-esm" || resolutionKind === "bundler");
  expect(ours).toEqual([]);
});

describe("the package has", () => {
  const files = filesIn(fanout);

  test("the kit as JavaScript with types, their sources, templates and what people read", () => {
    const expected = [
      "LICENSE",
      "README.md",
      "CHANGELOG.md",
      "bin/fanout.js",
      "lib/agent/fan-out.js",
      "lib/agent/fan-out.d.ts",
      "src/lib/agent/fan-out.ts",
      "lib/agent/README.md",
      "lib/agent/prices.json",
      "lib/lambda-host/runtime.mjs",
      "lib/create/templates/minimal/_gitignore",
      "lib/create/templates/claim/functions/tools/check_fraud/tool.ts",
      "lib/stack/control-tower/LICENSE",
    ];
    expect(files).toEqual(expect.arrayContaining(expected));
  });

  test("no tests, samples, settings or tools of this repository", () => {
    const known = /^(LICENSE|README\.md|CHANGELOG\.md|package\.json|(bin|docs|lib|src\/lib)\/.*)$/;
    expect(files.filter((file) => !known.test(file))).toEqual([]);
    const templates = "lib/create/templates/";
    expect(
      files.filter((file) => /\.test\.|(^|\/)node_modules\//.test(file) && !file.startsWith(templates)),
    ).toEqual([]);
    expect(
      files.filter((file) => /(^|\/)(functions|test)\//.test(file) && !file.startsWith(templates)),
    ).toEqual(
      files.filter(
        (file) =>
          file.startsWith("lib/cli/demo/functions/") || file.startsWith("src/lib/cli/demo/functions/"),
      ),
    );
  });

  test("no path of the machine that built it", () => {
    const texts = files.filter((file) => /\.(js|mjs|ts|map|json|md)$/.test(file));
    expect(texts.length).toBeGreaterThan(1000);
    expect(texts.filter((file) => read(file).includes(ROOT))).toEqual([]);
  });

  test("pages whose links lead to what is in it", () => {
    const pages = files.filter((file) => /^(docs\/.*|[A-Z]+)\.md$/.test(file));
    expect(pages.length).toBeGreaterThan(12);
    const lost = pages.flatMap((file) =>
      [...read(file).matchAll(/\]\((?!https?:|#)([^)\s#]+)/g)]
        .map(([, path = ""]) => join(file, "..", path))
        .filter((path) => !existsSync(join(fanout, path))),
    );
    expect(lost).toEqual([]);
  });

  test("types that lead an editor to the sources", () => {
    const maps = files.filter((file) => file.endsWith(".d.ts.map"));
    const lost = maps.filter((file) =>
      JSON.parse(read(file)).sources.some((source: string) => !existsSync(join(fanout, file, "..", source))),
    );
    expect(maps.length).toBeGreaterThan(300);
    expect(lost).toEqual([]);
  });
});

test("both packages have one version, and npm's provenance", () => {
  const { version, publishConfig } = JSON.parse(readFileSync(join(createFanout, "package.json"), "utf8"));
  expect([version, manifest.version]).toEqual([root.version, root.version]);
  for (const config of [publishConfig, manifest.publishConfig])
    expect(config).toEqual({ access: "public", provenance: true });
  expect(read("CHANGELOG.md")).toContain(`\n## ${root.version}\n`);
});

test("what only a laptop or a deployment needs are peers, which a program that reaches runs can do without", () => {
  const heavy = /aws-cdk|^constructs$|restate-server|restate-cdk|cdk-nag|aimock|typescript/;
  expect(Object.keys(manifest.dependencies).filter((name) => heavy.test(name))).toEqual([]);
  expect(Object.keys(manifest.peerDependencies).filter((name) => !heavy.test(name))).toEqual([
    "@restatedev/restate-sdk",
    "zod",
  ]);
});

/** What a door of the package leads to, also when it is used: the kit's files, and packages by name. */
function reachedFrom(door: string): string[] {
  const { metafile } = buildSync({
    absWorkingDir: fanout,
    entryPoints: [manifest.exports[door].default],
    bundle: true,
    packages: "external",
    metafile: true,
    write: false,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  return Object.entries(metafile.inputs).flatMap(([file, { imports }]) => [
    file,
    ...imports.flatMap(({ path, external }) => (external ? [path] : [])),
  ]);
}

test.each(["./tool", "./agent", "./service", "./client", "./server", "./ui", "./mcp-client"])(
  "%s leads neither to CDK nor to restate-server, the local platform or the sandbox",
  (door) => {
    const reached = reachedFrom(door);
    expect(reached.length).toBeGreaterThan(3);
    const foreign =
      /^lib\/(cli|create|lambda-host|local|operate|sandbox|stack)\/|aws-cdk|constructs|restate-server|aimock|esbuild|commander/;
    expect(reached.filter((one) => foreign.test(one))).toEqual([]);
  },
);
