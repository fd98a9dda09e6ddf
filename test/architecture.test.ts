import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { agents } from "../functions/agents/index.ts";
import { tools } from "../functions/tools/index.ts";
import { agentFolder } from "../lib/agent/definition.ts";
import { findStaleFiles } from "../lib/cli/sync/generated-files.ts";
import { writeLambdaAdapter } from "../lib/stack/entries.ts";
import type { Tool } from "../lib/tool/index.ts";
import { bundledFiles, importGraph, loadedWith, namedImports, ROOT } from "./support/imports.ts";

const graph = importGraph();
const isTest = (file: string) => file.startsWith("test/") || file.endsWith(".test.ts");
const toolFolder = (path: string) => /^functions\/tools\/([^/]+)\//.exec(path)?.[1];
const agentFolderIn = (path: string) => /^functions\/agents\/([^/]+)\//.exec(path)?.[1];
const isStandIn = (path: string) => /^functions\/tools\/(stand-ins\.ts|[^/]+\/stand-in(\.ts|\/))/.test(path);

/** Every import of the project's own code that breaks a rule, as `from -> to`. */
function violations(breaks: (from: string, to: string) => boolean): string[] {
  return [...graph]
    .filter(([from]) => !isTest(from))
    .flatMap(([from, imports]) => imports.filter((to) => breaks(from, to)).map((to) => `${from} -> ${to}`));
}

test("the import graph is really read", () => {
  expect(graph.get("bin/app.ts")).toContain("lib/stack/index.ts");
  expect(graph.get("lib/stack/app.ts")).toContain("aws-cdk-lib");
  expect(graph.size).toBeGreaterThan(60);
});

test("the rosters and the table of tools say what the folders say (else: npm run sync)", async () => {
  const stale = await findStaleFiles(ROOT);
  expect(stale.map(({ path }) => relative(ROOT, path))).toEqual([]);
});

test("a tool that writes reaches an agent by its own import only, never through the roster", () => {
  const serverOf = new Map((tools as readonly Tool[]).map(({ name, mcp }) => [name, mcp?.server]));
  for (const agent of agents) {
    const contract = `functions/agents/${agentFolder(agent)}/agent.ts`;
    const named = graph.get(contract) ?? [];
    const writes = agent.tools.filter(({ effect }) => effect === "write").map(({ name }) => name);
    const byName = writes.filter(
      (name) =>
        named.includes(`functions/tools/${name}/tool.ts`) ||
        named.includes(`functions/mcp/${serverOf.get(name)}/tools.ts`) ||
        named.includes(`functions/agents/${agentFolder({ name })}/agent.ts`),
    );
    expect({ contract, writes }).toEqual({ contract, writes: byName });
  }
});

const isInfra = (file: string) => /^functions\/(tools|agents|mcp)\/[^/]+\/infra\.ts$/.test(file);

describe("imports go in the design's directions", () => {
  test("lib never imports functions, bin or test: rosters are passed in", () => {
    expect(violations((from, to) => from.startsWith("lib/") && /^(functions|bin|test)\//.test(to))).toEqual(
      [],
    );
  });

  test("functions and programs enter the kit by the doors of package.json, as another project would", () => {
    const around = globSync("{functions,bin}/**/*.ts", { cwd: ROOT }).filter((file) =>
      /from "(\.\.\/)+lib\//.test(readFileSync(join(ROOT, file), "utf8")),
    );
    expect(around).toEqual([]);
  });

  test("functions import lib/tool, lib/agent and other functions only; stand-ins the sandbox's door too, infra.ts the stack's, the routes the server's, MCP servers the MCP client's", () => {
    const allowed = /^(functions\/|lib\/tool\/|lib\/agent\/|(?!bin\/|lib\/|test\/))/;
    const isDoor = (from: string, to: string) =>
      (isStandIn(from) && to === "lib/sandbox/index.ts") ||
      (isInfra(from) && to === "lib/stack/index.ts") ||
      (from.startsWith("functions/server/") && /^lib\/(mcp-)?server\/index\.ts$/.test(to)) ||
      (from.startsWith("functions/mcp/") && to === "lib/mcp-client/index.ts");
    expect(
      violations((from, to) => from.startsWith("functions/") && !allowed.test(to) && !isDoor(from, to)),
    ).toEqual([]);
  });

  test("nothing imports stand-ins: the command line reads them when the local platform needs them", () => {
    expect([...graph.keys()].filter(isStandIn)).toContain("functions/tools/stand-ins.ts");
    expect(violations((from, to) => isStandIn(to) && !isStandIn(from))).toEqual([]);
  });

  const roomOf = (file: string) => /^lib\/([^/]+)\//.exec(file)?.[1];

  test("a room of lib is entered by its index.ts", () => {
    const deep = [...namedImports()].flatMap(([from, named]) =>
      named
        .filter((to) => roomOf(to) !== roomOf(from) && to !== `lib/${roomOf(to)}/index.ts`)
        .map((to) => `${from} -> ${to}`),
    );
    expect(deep).toEqual([]);
  });

  test("every room of lib imports exactly the rooms that CONTRIBUTING.md lists for it", () => {
    const table = readFileSync(join(ROOT, "CONTRIBUTING.md"), "utf8").matchAll(
      /^\| `lib\/([\w-]+)` \| .* \| (.*) \|$/gm,
    );
    const listed = new Map(
      [...table].map(([, room = "", cell = ""]) => [
        room,
        [...cell.matchAll(/`lib\/([\w-]+)`/g)].map(([, to]) => to).sort(),
      ]),
    );
    const imported = new Map<string, string[]>();
    for (const [from, named] of namedImports()) {
      const room = roomOf(from) ?? "";
      const others = named.flatMap((to) => roomOf(to) ?? []).filter((to) => to !== room);
      imported.set(room, [...new Set([...(imported.get(room) ?? []), ...others])].sort());
    }
    // It says "every other room".
    imported.set("cli", []);
    expect(Object.fromEntries(imported)).toEqual(Object.fromEntries(listed));
  });

  test("no file of lib needs one that needs it, not even for a type", () => {
    const imports = namedImports();
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" -> "));
      else if (!done.has(file)) for (const next of imports.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of imports.keys()) visit(file, []);
    expect(circles).toEqual([]);
  });

  test("a tool's folder imports no agent, and of another tool's folder nothing but the contract and, for a stand-in, its stand-in", () => {
    expect(
      violations((from, to) => {
        const own = toolFolder(from);
        const other = (toolFolder(to) ?? own) !== own;
        const allowed = to.endsWith("/tool.ts") || (isStandIn(from) && isStandIn(to));
        return own !== undefined && (agentFolderIn(to) !== undefined || (other && !allowed));
      }),
    ).toEqual([]);
  });

  test("an agent imports contracts, never a tool's implementation", () => {
    expect(
      violations(
        (from, to) =>
          agentFolderIn(from) !== undefined && toolFolder(to) !== undefined && !to.endsWith("/tool.ts"),
      ),
    ).toEqual([]);
  });

  test("a plain Lambda function imports nothing of the project but its own folder", () => {
    expect(
      violations(
        (from, to) =>
          from.startsWith("functions/lambdas/") &&
          /^(bin|lib|functions)\//.test(to) &&
          dirname(to) !== dirname(from),
      ),
    ).toEqual([]);
  });

  test("a contract imports nothing but the tool kit, zod and other contracts", () => {
    const isContract = (file: string) => /^functions\/tools\/[^/]+\/tool\.ts$/.test(file);
    expect(
      violations(
        (from, to) => isContract(from) && to !== "zod" && to !== "lib/tool/index.ts" && !isContract(to),
      ),
    ).toEqual([]);
  });

  test("the rooms that functions are made of stand on each other: runtime, telemetry, call, events, tool, agent; they know no other room", () => {
    const floors = ["runtime", "telemetry", "call", "events", "tool", "agent"];
    expect(
      violations((from, to) => {
        const floor = floors.indexOf(roomOf(from) ?? "");
        const below = floors.slice(0, floor + 1);
        const room = roomOf(to);
        return floor >= 0 && room !== undefined && !below.includes(room);
      }),
    ).toEqual([]);
  });

  test("what speaks to Restate knows nothing else of the project; what is operated is apart from what is printed", () => {
    expect(
      violations((from, to) => from.startsWith("lib/restate/") && /^lib\/(?!restate\/)/.test(to)),
    ).toEqual([]);
    expect(
      violations((from, to) => from.startsWith("lib/operate/") && /^lib\/(cli|local)\//.test(to)),
    ).toEqual([]);
  });

  test("the Lambda host imports nothing else of the project, and is entered by its door", () => {
    const inside = (file: string) => file.startsWith("lib/lambda-host/");
    expect(
      violations((from, to) => inside(from) && /^(bin|lib|functions)\//.test(to) && !inside(to)),
    ).toEqual([]);
    expect(
      violations(
        (from, to) =>
          !/^(lib\/lambda-host|bench)\//.test(from) && inside(to) && to !== "lib/lambda-host/index.ts",
      ),
    ).toEqual([]);
  });

  test("the local platform is entered by its door", () => {
    const inside = (file: string) => file.startsWith("lib/local/");
    expect(violations((from, to) => !inside(from) && inside(to) && to !== "lib/local/index.ts")).toEqual([]);
  });

  test("of the command line only lib/cli/output.ts writes to the terminal, where texts of others are made printable", () => {
    const writing = [...graph.keys()].filter(
      (file) =>
        /^(lib\/cli|bin)\//.test(file) &&
        !isTest(file) &&
        /\b(stdout|stderr)\.write\(|\bconsole\./.test(readFileSync(join(ROOT, file), "utf8")),
    );
    expect(writing).toEqual(["lib/cli/output.ts"]);
  });

  test("CDK is only in lib/stack, and in each function's infra.ts, which nothing imports", () => {
    const cdk = /^(aws-cdk-lib|constructs|@restatedev\/restate-cdk)/;
    expect(
      violations((from, to) => cdk.test(to) && !/^(lib\/stack|bench)\//.test(from) && !isInfra(from)),
    ).toEqual([]);
    expect(violations((_, to) => isInfra(to))).toEqual([]);
    expect(violations((from, to) => isInfra(from) && to !== "lib/stack/index.ts" && !cdk.test(to))).toEqual(
      [],
    );
  });

  test("a model vendor's SDK is only in lib/agent/models", () => {
    const vendor = /^(ai|@ai-sdk\/.*)$/;
    expect(violations((from, to) => vendor.test(to) && !from.startsWith("lib/agent/models/"))).toEqual([]);
  });

  test("nothing but tests imports tests", () => {
    expect(violations((_, to) => isTest(to))).toEqual([]);
  });
});

describe("a command loads what it needs", () => {
  const heavy = /^(lib\/(lambda-host|local|operate|sandbox|stack)\/|aws-cdk-lib|@aws-sdk\/|esbuild)/;

  test("the list of commands loads none of them", () => {
    const loaded = loadedWith("lib/cli/index.ts");
    expect(loaded).toContain("commander");
    expect(loaded.filter((file) => heavy.test(file) || /^lib\/cli\/commands\/(?!index)/.test(file))).toEqual(
      [],
    );
  });

  test.each(["ask", "cancel", "init", "new-agent", "new-mcp", "new-tool", "sync"])(
    "%s does without the platform, CDK and AWS's client",
    (name) => {
      const loaded = loadedWith(`lib/cli/commands/${name}.ts`);
      expect(loaded.length).toBeGreaterThan(3);
      expect(loaded.filter((file) => heavy.test(file))).toEqual([]);
    },
  );

  test.each(["status", "scale", "prune", "doctor", "redrive", "deploy"])(
    "%s does without the platform and CDK",
    (name) => {
      const loaded = loadedWith(`lib/cli/commands/${name}.ts`);
      expect(loaded).toContain("@aws-sdk/client-lambda");
      expect(
        loaded.filter((file) => /^(lib\/(lambda-host|local|sandbox|stack)\/|aws-cdk-lib)/.test(file)),
      ).toEqual([]);
    },
  );
});

test("the testing kit loads the platform only when one is started, and the sandbox with a stand-in", () => {
  const loaded = loadedWith("lib/testing/index.ts");
  expect(loaded).toContain("lib/testing/run-tool.ts");
  const heavy =
    /^(lib\/(client|lambda-host|local|restate|sandbox|stack)\/|aws-cdk-lib|hono|@copilotkit|vitest)/;
  expect(loaded.filter((file) => heavy.test(file))).toEqual([]);
  const whole = [...graph.keys()].filter((file) => file.startsWith("lib/testing/") && !isTest(file));
  expect(whole.filter((file) => graph.get(file)?.includes("vitest"))).toEqual([]);
});

test("the environment is read in one module per program", () => {
  const readers = [...graph.keys()].filter(
    (file) =>
      !/^bench\//.test(file) &&
      !isTest(file) &&
      /\bprocess\.env\b/.test(readFileSync(`${ROOT}/${file}`, "utf8")),
  );
  expect(readers.sort()).toEqual([
    "bin/app.ts",
    "bin/deploy-role.ts",
    "lib/cli/environment.ts",
    // The Lambda host's bootstrap is a program of its own, inside each execution environment.
    "lib/lambda-host/runtime.mjs",
    "lib/runtime/environment.ts",
    "packaging/build.ts",
  ]);
});

describe("F12: code that Restate replays is a function of the journal", () => {
  /** What the linter says of code under a rule. */
  function lint(code: string, rule = "lib/agent/durable.grit"): string {
    const folder = mkdtempSync(join(tmpdir(), "fanout-lint-"));
    try {
      writeFileSync(join(folder, "biome.json"), JSON.stringify({ plugins: [join(ROOT, rule)] }));
      writeFileSync(join(folder, "durable.ts"), code);
      const { stdout, stderr } = spawnSync("biome", ["lint"], { cwd: folder, encoding: "utf8" });
      return stdout + stderr;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test.each([
    ["export const now = Date.now();", "has no clock"],
    ["export const now = new Date();", "has no clock"],
    ["export const at = performance.now();", "has no clock"],
    ["export const dice = Math.random();", "has no randomness"],
    ["export const id = crypto.randomUUID();", "has no randomness"],
    ["export const key = process.env.KEY;", "reads no environment"],
    ["export const all = Promise.all([]);", "combined by RestatePromise only"],
    ["export const first = Promise.race([]);", "combined by RestatePromise only"],
    ["setTimeout(() => {}, 1);", "waits with ctx.sleep"],
    ['fetch("https://example.com");', "does no I/O"],
  ])("%s is refused by the linter, with what to do instead", (code, message) => {
    expect(lint(code)).toContain(message);
  });

  test.each([
    "export const f = (ctx, all) => RestatePromise.all([ctx.sleep(1), ...all]);",
    'export const f = (ctx) => ctx.run("a step", async () => [Date.now(), await fetch("https://example.com")]);',
  ])("%s is not refused", (code) => {
    expect(lint(code)).toMatch(/^Checked \d files in .* No fixes applied\.\s*$/);
  });

  const composite = (code: string) =>
    `export const service = composeTool(tool, async (_, parts) => ${code});`;

  test.each(["all", "allSettled", "race", "any"])(
    "a composite's Promise.%s is refused by the linter",
    (name) => {
      const refused = lint(
        composite(`Promise.${name}([parts.call(one), parts.call(two)])`),
        "lib/tool/parts.grit",
      );
      expect(refused).toContain("with RestatePromise's combinators only");
    },
  );

  test.each([
    ["Date.now()", "has no clock"],
    ["new Date()", "has no clock"],
    ["Math.random()", "has no randomness"],
    ["crypto.randomUUID()", "has no randomness"],
    ["process.env.KEY", "reads no environment"],
    ['fetch("https://example.com")', "does no I/O"],
    ["setTimeout(() => {}, 1)", "waits for nothing of its own"],
  ])("a composite's %s is refused by the linter, a durable step's is not", (code, message) => {
    expect(lint(composite(code), "lib/tool/parts.grit")).toContain(message);
    const step = composite(`parts.run("one step", () => ${code})`);
    expect(lint(step, "lib/tool/parts.grit")).toMatch(/No fixes applied\.\s*$/);
  });

  test.each([
    composite("RestatePromise.all([parts.call(one), parts.call(two)])"),
    composite('parts.run("one step", () => Promise.all([1, 2]))'),
    'export const service = composeTool(tool, async (_, { run }) => run("step", () => Promise.all([1, 2])));',
    "export const service = implementTool(tool, () => Promise.all([1, 2]));",
  ])("%s is not refused", (code) => {
    expect(lint(code, "lib/tool/parts.grit")).toMatch(/No fixes applied\.\s*$/);
  });

  test("the linter applies the rules to everything that is replayed: calls, agents and composites", () => {
    const { overrides } = JSON.parse(readFileSync(`${ROOT}/biome.json`, "utf8"));
    expect(overrides).toContainEqual({
      includes: [
        "lib/agent/*.ts",
        "lib/agent/conversation/*.ts",
        "lib/agent/models/{ai-sdk-loop,durable-model}.ts",
        "lib/call/*.ts",
        "lib/tool/{awaited-parts,compose}.ts",
        "functions/agents/**/*.ts",
      ],
      plugins: ["./lib/agent/durable.grit"],
    });
    expect(overrides).toContainEqual({
      includes: ["functions/**/*.ts", "test/support/functions/**/*.ts"],
      plugins: ["./lib/tool/parts.grit"],
    });
  });
});

describe("no function carries another one's code", () => {
  test("a tool with a handler has its own folder only, and other tools' contracts", () => {
    for (const { name } of tools.filter(({ lambda }) => lambda === undefined)) {
      const folders = bundledFiles(`functions/tools/${name}/handler.ts`).filter((file) =>
        file.startsWith("functions/"),
      );
      const foreign = folders.filter((file) => toolFolder(file) !== name && !file.endsWith("/tool.ts"));
      expect(foreign, name).toEqual([]);
      expect(folders).toContain(`functions/tools/${name}/handler.ts`);
    }
  });

  test("a tool that is an existing Lambda function has its contract only", () => {
    const folder = mkdtempSync(join(tmpdir(), "fanout-adapter-"));
    try {
      for (const { name } of tools.filter(({ lambda }) => lambda !== undefined)) {
        const contract = `functions/tools/${name}/tool.ts`;
        const files = bundledFiles(writeLambdaAdapter(name, join(ROOT, contract), folder));
        expect(files.filter((file) => file.startsWith("functions/"))).toEqual([contract]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("an agent has contracts only, and those of all its tools", () => {
    for (const agent of agents) {
      const files = bundledFiles(`functions/agents/${agentFolder(agent)}/handler.ts`);
      const implementations = files.filter(
        (file) => toolFolder(file) !== undefined && !file.endsWith("/tool.ts"),
      );
      expect(implementations, agent.name).toEqual([]);
      const contracts = agent.tools.map(({ name }) =>
        agents.some((other) => other.name === name)
          ? `functions/agents/${agentFolder({ name })}/agent.ts`
          : `functions/tools/${name}/tool.ts`,
      );
      expect(files).toEqual(expect.arrayContaining(contracts));
      const handlers = files.filter((file) => /^functions\/agents\/.*\/handler\.ts$/.test(file));
      expect(handlers).toEqual([`functions/agents/${agentFolder(agent)}/handler.ts`]);
    }
  });
});
