import { createHash } from "node:crypto";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type LambdaHost, startLambdaHost } from "../lib/lambda-host/index.ts";
import { BUNDLE_HANDLER, bundleFunctions, type Code } from "../lib/stack/index.ts";
import { makeBundles } from "../lib/stack/make-bundles.ts";
import { isAddonFor, LAMBDA_SYSTEM } from "../lib/stack/packages/system.ts";
import { ROOT } from "./support/imports.ts";

/** Bundling, starting functions and npm take seconds, on a busy machine more. */
const PATIENCE_MS = 120_000;
const SOURCE = join(ROOT, "test/support/packages");
const FUNCTIONS = {
  sqlite: join(SOURCE, "sqlite.ts"),
  argon: join(SOURCE, "argon.ts"),
  words: join(SOURCE, "words/handler.ts"),
  plain: join(ROOT, "test/support/existing-lambdas/index.mjs"),
};

const filesIn = (folder: string) =>
  globSync("**", { cwd: folder })
    .filter((file) => statSync(join(folder, file)).isFile())
    .sort();

let host: LambdaHost | undefined;
const folders: string[] = [];
const temporary = () => {
  const folder = mkdtempSync(join(tmpdir(), "fanout-packages-test-"));
  folders.push(folder);
  return folder;
};
afterAll(async () => {
  await host?.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Runs bundles in the Lambda host, from copies outside of the project. */
async function run(directory: string, name: string, event: unknown): Promise<unknown> {
  await host?.stop();
  const codeDir = join(directory, name);
  const spec = { name, codeDir, handler: BUNDLE_HANDLER, memoryMb: 512, timeoutSeconds: 30, environment: {} };
  host = await startLambdaHost({ functions: [spec] });
  const credentials = { accessKeyId: "x", secretAccessKey: "x" };
  const client = new LambdaClient({ endpoint: host.url, region: "us-east-1", credentials });
  const { Payload } = await client.send(
    new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }),
  );
  return JSON.parse(Payload?.transformToString() ?? "");
}

describe("a function on this machine", () => {
  let directory: string;
  beforeAll(() => {
    directory = temporary();
    bundleFunctions(FUNCTIONS, directory);
  }, PATIENCE_MS);

  test.each([
    ["a CommonJS package with WebAssembly beside its code", "sqlite", { query: "select 6 * 7" }, [[42]]],
    ["a native addon", "argon", { password: "secret" }, true],
    [
      "files beside its own code, and imports of files",
      "words",
      {},
      { named: "fan out", above: "USD,JPY", listed: ["letter.txt"], query: "select 1;", sum: 5 },
    ],
  ])(
    "can use %s",
    async (_, name, event, answer) => {
      expect(await run(directory, name, event)).toEqual(answer);
    },
    PATIENCE_MS,
  );

  test("is one file with its map, where it needs nothing else", () => {
    expect(filesIn(join(directory, "plain"))).toEqual(["index.mjs", "index.mjs.map"]);
  });

  test("carries the packages that it uses, and no other function's", () => {
    const packages = (name: string) =>
      filesIn(join(directory, name)).filter((file) => file.endsWith("/package.json"));
    expect(packages("sqlite")).toEqual(["node_modules/sql.js/package.json"]);
    expect(packages("argon")).toContain("node_modules/@node-rs/argon2/package.json");
    expect(packages("argon").join()).not.toContain("sql.js");
  });
});

test(
  "a deployed function carries addons for Lambda's system only, and the same ones each time",
  () => {
    const addons = () => {
      const folder = temporary();
      makeBundles({ argon: FUNCTIONS.argon }, { root: ROOT, outDir: folder, system: LAMBDA_SYSTEM });
      const files = filesIn(folder).filter((file) => file.includes("/node_modules/"));
      const hash = createHash("sha256");
      for (const file of files) hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
      const binaries = files.filter((file) => file.endsWith(".node"));
      for (const file of binaries)
        expect(isAddonFor(LAMBDA_SYSTEM, readFileSync(join(folder, file)))).toBe(true);
      return { binaries, hash: hash.digest("hex") };
    };
    const { binaries, hash } = addons();
    expect(binaries).toEqual([
      "argon/node_modules/@node-rs/argon2-linux-arm64-gnu/argon2.linux-arm64-gnu.node",
    ]);
    expect(addons().hash).toBe(hash);
  },
  PATIENCE_MS,
);

describe("of a project's packages", () => {
  let root: string;
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  /** Makes a project whose one function imports what is asked for. */
  function project(imports: string, files: Record<string, string | object>) {
    root = temporary();
    const handler = `${imports}\nexport const handler = async () => used;`;
    for (const [path, content] of Object.entries({ "functions/ask/handler.ts": handler, ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
    }
    return (system?: typeof LAMBDA_SYSTEM, code: Code = {}) => {
      const entries = { ask: join(root, "functions/ask/handler.ts") };
      bundleFunctions(entries, join(root, "out"), { system, root, code: () => code });
      return filesIn(join(root, "out/ask"));
    };
  }
  const used = (name: string) => `import used from ${JSON.stringify(name)};`;

  test(
    "one that loads what it is told to finds its own files and its dependencies",
    async () => {
      const bundle = project(used("chooser"), {
        "node_modules/chooser/package.json": { version: "1.0.0", dependencies: { shared: "1", inner: "1" } },
        "node_modules/chooser/index.js":
          'const name = ["./par", "t"].join(""); module.exports = [require(name), require("inner"), typeof module.paths, require("./" + "data.json").x];',
        "node_modules/chooser/part.js": 'module.exports = "part";',
        "node_modules/chooser/data.json": { x: 1 },
        "node_modules/chooser/node_modules/inner/package.json": { version: "2.0.0" },
        "node_modules/chooser/node_modules/inner/index.js": 'module.exports = "inner 2";',
        "node_modules/inner/package.json": { version: "1.0.0" },
        "node_modules/inner/index.js": 'module.exports = "inner 1";',
      });
      expect(bundle()).toEqual(
        expect.arrayContaining([
          "node_modules/chooser/part.js",
          "node_modules/chooser/node_modules/inner/index.js",
        ]),
      );
      expect(await run(join(root, "out"), "ask", {})).toEqual(["part", "inner 2", "object", 1]);
    },
    PATIENCE_MS,
  );

  test(
    "one that stays outside shares its instances with the bundle",
    async () => {
      project(
        'import { state } from "shared"; import placed from "placed"; const used = [placed.state === state, placed.text];',
        {
          "node_modules/placed/package.json": { version: "1.0.0", dependencies: { shared: "1" } },
          "node_modules/placed/index.js":
            'module.exports = { state: require("shared").state, text: require("fs").readFileSync(__dirname + "/text", "utf8") };',
          "node_modules/placed/text": "beside",
          "node_modules/shared/package.json": { version: "1.0.0" },
          "node_modules/shared/index.js": "exports.state = {};",
        },
      )();
      expect(await run(join(root, "out"), "ask", {})).toEqual([true, "beside"]);
    },
    PATIENCE_MS,
  );

  test(
    "one that can do without a driver that is not installed is bundled",
    async () => {
      const bundle = project(used("many-drivers"), {
        "node_modules/many-drivers/package.json": { version: "1.0.0" },
        "node_modules/many-drivers/index.js":
          'exports.oracle = () => require("not-installed/thin"); exports.driver = "none";',
      });
      expect(bundle()).toEqual(["index.mjs", "index.mjs.map"]);
      expect(await run(join(root, "out"), "ask", {})).toEqual({ driver: "none" });
    },
    PATIENCE_MS,
  );

  const compiled = {
    "node_modules/compiled/package.json": { version: "1.0.0", dependencies: { bindings: "1" } },
    "node_modules/compiled/index.js": 'module.exports = require("bindings")("addon");',
    "node_modules/compiled/build/Release/addon.node": "\u007fELF of this machine",
    "node_modules/bindings/package.json": { version: "1.0.0" },
    "node_modules/bindings/bindings.js": "",
    "node_modules/bindings/index.js": "module.exports = (name) => name;",
  };

  test("one that is compiled where it is installed goes as it is to this machine's functions", () => {
    expect(project(used("compiled"), compiled)()).toContain("node_modules/compiled/build/Release/addon.node");
  });

  test("one that is compiled where it is installed is told with the function's name, when it is deployed", () => {
    expect(() => project(used("compiled"), compiled)(LAMBDA_SYSTEM)).toThrow(
      /^The function ask cannot be bundled: the package compiled has no addon for linux arm64 \(glibc\)/,
    );
  });

  const prebuilt = {
    "package-lock.json": {
      lockfileVersion: 3,
      packages: {
        "node_modules/prebuilt": {
          version: "1.0.0",
          integrity: `sha512-${Buffer.alloc(64).toString("base64")}`,
          optionalDependencies: { "prebuilt-linux-arm64": "1.0.0" },
        },
        "node_modules/prebuilt-linux-arm64": {
          version: "1.0.0",
          integrity: `sha512-${Buffer.alloc(64).toString("base64")}`,
          optional: true,
          os: ["linux"],
          cpu: ["arm64"],
        },
      },
    },
    "node_modules/prebuilt/package.json": {
      version: "1.0.0",
      optionalDependencies: { "prebuilt-linux-arm64": "1.0.0" },
    },
    "node_modules/prebuilt/index.js": 'module.exports = "x";',
    // Nobody listens at the discard port.
    ".npmrc": "registry=http://127.0.0.1:9/\nfetch-retries=0\n",
  };

  test(
    "one whose addon npm cannot fetch is told with the function's name and npm's words",
    () => {
      expect(() => project(used("prebuilt"), prebuilt)(LAMBDA_SYSTEM)).toThrow(
        /^The function ask cannot be bundled: npm could not install prebuilt for linux arm64 \(glibc\).*ECONNREFUSED/s,
      );
    },
    PATIENCE_MS,
  );

  test("one without an addon for Lambda's system is told with those that it has", () => {
    const lock = structuredClone(prebuilt["package-lock.json"]);
    lock.packages["node_modules/prebuilt-linux-arm64"].cpu = ["x64"];
    expect(() =>
      project(used("prebuilt"), { ...prebuilt, "package-lock.json": lock })(LAMBDA_SYSTEM),
    ).toThrow(/the package prebuilt has no addon for linux arm64 .* It has prebuilt-linux-arm64\./);
  });

  test("one that is for another processor goes to functions that run on that", () => {
    const lock = structuredClone(prebuilt["package-lock.json"]);
    lock.packages["node_modules/prebuilt-linux-arm64"].cpu = ["x64"];
    const elf = Buffer.alloc(64);
    elf.write("\u007fELF");
    elf.writeUInt16LE(62, 18);
    const bundle = project(used("prebuilt"), {
      ...prebuilt,
      "package-lock.json": lock,
      "node_modules/prebuilt-linux-arm64/package.json": { version: "1.0.0", os: ["linux"], cpu: ["x64"] },
      "node_modules/prebuilt-linux-arm64/addon.node": elf.toString("latin1"),
    });
    expect(bundle(LAMBDA_SYSTEM, { architecture: "x64" })).toContain(
      "node_modules/prebuilt-linux-arm64/addon.node",
    );
  });

  const plugin = {
    "node_modules/plugin/package.json": { version: "1.0.0", main: "index.js" },
    "node_modules/plugin/index.js": 'module.exports = "plugged in";',
    "functions/ask/words/one.txt": "one",
    "functions/ask/words/two.txt": "two",
  };
  /** Neither a bundler nor a reader can see what it needs. */
  const READS = `import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const root = process.env.LAMBDA_TASK_ROOT;
const used = [createRequire(root + "/")(["plu", "gin"].join("")), readFileSync(root + "/functions/ask/words/one.txt", "utf8")];`;

  test("those that infra.ts names are in the bundle, with the files that it names", async () => {
    const files = project(READS, plugin)(undefined, { packages: ["plugin"], files: ["words"] });
    expect(files).toEqual(
      expect.arrayContaining([
        "node_modules/plugin/index.js",
        "functions/ask/words/one.txt",
        "functions/ask/words/two.txt",
      ]),
    );
    expect(await run(join(root, "out"), "ask", {})).toEqual(["plugged in", "one"]);
  });

  test("one of which infra.ts knows that it can be bundled is", async () => {
    const loader = {
      "node_modules/loader/package.json": { version: "1.0.0" },
      "node_modules/loader/index.js":
        'const name = ["plu", "gin"].join(""); module.exports = process.env.NEVER ? require(name) : "itself";',
    };
    expect(project(used("loader"), loader)()).toContain("node_modules/loader/index.js");
    const files = project(used("loader"), loader)(undefined, { bundled: ["loader"] });
    expect(files.filter((file) => file.includes("node_modules"))).toEqual([]);
    expect(await run(join(root, "out"), "ask", {})).toBe("itself");
  });

  test("a package or a file that infra.ts names and that is not there is told", () => {
    expect(() => project(READS, plugin)(undefined, { packages: ["plugin", "plug-out"] })).toThrow(
      "infra.ts of ask: packages: plug-out is not installed. Add it to package.json.",
    );
    expect(() => project(READS, plugin)(undefined, { files: ["lyrics"] })).toThrow(
      /infra\.ts of ask: files: .*functions\/ask\/lyrics does not exist\./,
    );
  });

  test("one that is the same on every system is deployed without asking npm", () => {
    const bundle = project(used("placed"), {
      ".npmrc": prebuilt[".npmrc"],
      "node_modules/placed/package.json": { version: "1.0.0" },
      "node_modules/placed/index.js": "module.exports = __dirname;",
      "node_modules/placed/index.js.map": "{}",
    });
    expect(bundle(LAMBDA_SYSTEM)).toEqual([
      "index.mjs",
      "index.mjs.map",
      "node_modules/placed/index.js",
      "node_modules/placed/package.json",
    ]);
  });
});
