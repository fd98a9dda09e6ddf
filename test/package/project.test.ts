import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Registry, startRegistry } from "../support/registry.ts";
import { packAs } from "./packed.ts";
import { type } from "./shell.ts";

// What a person does with the package, on a machine that has Node and npm: the commands of the documentation, one after another.

const built = inject("built");
const packed = inject("packed");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "fanout-user-")));
const root = join(folder, "my agents");
let registry: Registry;
let env: Record<string, string>;

beforeAll(async () => {
  const npm = (setting: string) =>
    execFileSync("npm", ["config", "get", setting], { encoding: "utf8", cwd: tmpdir() }).trim();
  registry = await startRegistry(npm("registry"));
  registry.publish(packed.fanout);
  registry.publish(packed.createFanout);
  for (const name of ["home", "tmp"]) mkdirSync(join(folder, name));
  env = {
    HOME: join(folder, "home"),
    TMPDIR: join(folder, "tmp"),
    npm_config_registry: registry.url,
    npm_config_cache: npm("cache"),
    npm_config_update_notifier: "false",
    NO_COLOR: "1",
    npm_config_fund: "false",
    npm_config_audit: "false",
  };
});
afterAll(async () => {
  await registry?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** @returns what the command printed. @throws Error with that when it fails. */
async function run(command: string, more: Record<string, string> = {}, cwd = root) {
  const { code, text } = await type(cwd, command, { ...env, ...more });
  if (code !== 0) throw new Error(`${command}: exit code ${code}\n${text}`);
  return text;
}
const failing = async (command: string) => {
  const { code, text } = await type(root, command, env);
  expect(code, text).not.toBe(0);
  return text;
};

const read = (path: string) => readFileSync(join(root, path), "utf8");
const version = async () => (await run("npx fanout --version")).trim();

/** The megabytes that a folder takes; a file with two names takes them once. */
function megabytesOf(path: string): number {
  const files = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => statSync(join(entry.parentPath, entry.name)));
  const sizes = new Map(files.map(({ ino, size }) => [ino, size]));
  return Math.round([...sizes.values()].reduce((sum, size) => sum + size, 0) / 1e6);
}

/** The project's own files, by path. */
const ownFiles = () =>
  Object.fromEntries(
    execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
      cwd: root,
      encoding: "utf8",
    })
      .split("\n")
      .filter((path) => path !== "" && !/^package(-lock)?\.json$/.test(path))
      .map((path) => [path, read(path)]),
  );

describe("a project of one's own", () => {
  test("npm create fanout makes it, and asks nothing", async () => {
    const printed = await run('npm create -y fanout@latest "my agents"', {}, folder);
    expect(printed).toContain("functions/tools/get_holidays/tool.ts");
    expect(printed).toContain("npm install");
    expect(readdirSync(root)).not.toContain("node_modules");
    execFileSync("git", ["init", "--quiet"], { cwd: root });
  });

  test("npm install brings the kit, Node and restate-server, and writes the rosters, which git ignores", async () => {
    await run("npm install");
    expect(await version()).toBe(packed.fanout.version);
    expect(existsSync(join(root, "functions/tools/index.ts"))).toBe(true);
    expect(Object.keys(ownFiles()).filter((path) => /\/(index|stand-ins)\.ts$/.test(path))).toEqual([]);
    // Most of it restate-server, CDK and, because this machine's Node may be an old one, Node.
    expect(megabytesOf(join(root, "node_modules"))).toBeLessThan(860);
  });

  test("npm start answers, with the calls of a turn in parallel", async () => {
    const printed = await run("npm start -- --once");
    expect(printed).toContain("the model asked for 3 calls at once");
    expect(printed).toMatch(/calls: 3, all ok/);
  });

  test("its test passes", async () => {
    expect(await run("npm test")).toMatch(/Tests +\d+ passed/);
  });
});

const CLOUD = {
  FANOUT_TARGET: "cloud",
  RESTATE_ENVIRONMENT_ID: "env_123abc",
  RESTATE_REGION: "eu",
  RESTATE_API_KEY_SECRET: "restate/api-key",
};

/** The services whose functions a synthesised stack has. */
function functionsIn(out: string): string[] {
  const template = JSON.parse(read(`${out}/fanout-dev.template.json`));
  return Object.values<{ Type: string; Properties: { FunctionName?: unknown } }>(template.Resources)
    .filter(({ Type }) => Type === "AWS::Lambda::Function")
    .flatMap(({ Properties }) => String(Properties.FunctionName ?? "").replace(/^fanout-dev-/, "") || [])
    .sort();
}

describe("a tool and an agent more", () => {
  test("are there by two commands, and answer without another change", async () => {
    await run("npx fanout new tool shout");
    await run("npx fanout new agent Crier");
    const printed = await run('npm start -- --once --agent Crier "Use shout with text=ahoy"');
    expect(printed).toContain("AHOY");
  });

  test("are in the stack for Restate Cloud beside the others", async () => {
    await run("npm run synth", CLOUD);
    const services = ["Crier", "HolidayAgent", "get_holidays", "shout"];
    expect(functionsIn("cdk.out")).toEqual(expect.arrayContaining(services));
  });
});

test("the kit's init makes another one, also with a Node that cannot read a project's TypeScript", async () => {
  const printed = await run('node "my agents/node_modules/fanout/bin/fanout.js" init another', {}, folder);
  expect(printed).toContain("Made another.");
});

describe("a newer kit", () => {
  const publish = (to: string, change?: (folder: string) => void) =>
    registry.publish(packAs(to, { built: built.fanout, to: folder, ...(change && { change }) }));

  test("comes with npm update, and everything works without a change in the project's files", async () => {
    const before = ownFiles();
    publish("0.2.1");
    await run("npm update fanout");
    expect(await version()).toBe("0.2.1");
    const printed = await run('npm start -- --once --agent Crier "Use shout with text=ahoy"');
    expect(printed).toContain("AHOY");
    await run("npm run types");
    expect(ownFiles()).toEqual(before);
  });

  test("that breaks something has a doctor who names the line, and what to write there", async () => {
    publish("0.3.0", (kit) =>
      appendFileSync(
        join(kit, "lib/cli/upgrade/changes.js"),
        'changes.unshift({ since: "0.3.0", files: "functions/agents/*/agent.ts", line: /model: "openai\\//, advice: "Name another model." });\n',
      ),
    );
    await run("npm install fanout@latest");
    expect(await version()).toBe("0.3.0");
    const agent = "functions/agents/crier/agent.ts";
    const line =
      read(agent)
        .split("\n")
        .findIndex((text) => text.includes('model: "openai/')) + 1;
    const told = await failing("npx fanout doctor");
    expect(told).toContain(`${agent}:${line}`);
    expect(told).toContain("since fanout 0.3.0");
    expect(told).toContain("Name another model.");
    writeFileSync(join(root, agent), read(agent).replace('model: "openai/', 'model: "anthropic/'));
    expect(await failing("npx fanout doctor")).not.toContain(`${agent}:`);
  });
});

test("a program that only reaches runs installs a fraction", async () => {
  const page = join(folder, "page");
  mkdirSync(page);
  writeFileSync(join(page, "package.json"), '{ "private": true, "type": "module" }');
  await run("npm install --omit=peer fanout@0.2.0", {}, page);
  const installed = readdirSync(join(page, "node_modules"));
  expect(installed).toContain("fanout");
  expect(installed.filter((name) => /^(aws-cdk|aws-cdk-lib|cdk-nag|constructs|node)$/.test(name))).toEqual(
    [],
  );
  expect(readdirSync(join(page, "node_modules/@restatedev"))).not.toContain("restate-server");
  expect(megabytesOf(join(page, "node_modules"))).toBeLessThan(200);
  writeFileSync(
    join(page, "page.mjs"),
    'import { connect } from "fanout/client";\nconsole.log(typeof connect({ url: "http://127.0.0.1:1" }));\n',
  );
  expect(await run("node page.mjs", {}, page)).toBe("object\n");
});
