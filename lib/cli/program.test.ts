import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { defineAgent } from "../agent/index.ts";
import { defineStandIn, serveOnLoopback } from "../sandbox/index.ts";
import { runCommandLine } from "./program.ts";
import type { Project } from "./project.ts";

const root = mkdtempSync(join(tmpdir(), "fanout-program-"));
afterAll(() => rmSync(root, { recursive: true }));

let stdout: string[];
let stderr: string[];
beforeEach(() => {
  loadStandIns.mockClear();
  stdout = [];
  stderr = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => stdout.push(String(text)) > 0);
  vi.spyOn(process.stderr, "write").mockImplementation((text) => stderr.push(String(text)) > 0);
});
afterEach(() => vi.restoreAllMocks());

const agents = ["TimeAgent", "OtherAgent"].map((name) =>
  defineAgent({
    name,
    description: "Answers.",
    model: "openai/gpt-5.4",
    instructions: "Answer.",
    tools: [],
  }),
);

const finnhub = defineStandIn({ provider: "finnhub", env: () => ({}), app: new Hono() });
const loadStandIns = vi.fn(async () => ({ get_stock_price: finnhub }));

const projectOf = (those: typeof agents): Project => ({
  root,
  loadRoster: async () => ({ tools: [], agents: those }),
  loadStandIns,
  loadDefaults: async () => ({}),
});
const run = (...args: string[]) => runWith(agents.slice(0, 1), ...args);
const runWith = async (those: typeof agents, ...args: string[]) => {
  const code = await runCommandLine(args, projectOf(those));
  return { code, stdout: stdout.join(""), stderr: stderr.join("") };
};

describe("--help", () => {
  test.each([
    [
      [],
      [
        "init",
        "start",
        "up",
        "ask",
        "status",
        "scale",
        "prune",
        "doctor",
        "redrive",
        "deploy",
        "new",
        "sync",
      ],
    ],
    [["start"], ["[question]", "--agent", "--once", "--offline", "--online", "--fault"]],
    [["up"], ["--offline", "--online", "--fault"]],
    [["ask"], ["<question>", "--agent", "--url", "--token", "--admin-url", "--idempotency-key", "--json"]],
    [["ask"], ["--model", "--max-turns", "--max-tool-calls", "--max-tokens", "--max-cost-usd", "--deadline"]],
    [["chat"], ["--agent", "--conversation", "--url", "--token", "--admin-url", "--json", "--max-turns"]],
    [["chat"], ["/new", "/history", "/fork", "/reset", "/help", "/quit", "Ctrl-C cancels", "exit code 1"]],
    [["approvals"], ["approve", "deny", "--run", "--url", "--token", "--admin-url", "--json"]],
    [
      ["approvals", "approve"],
      ["<id>", "--input", "--by", "--yes", "--run", "--json"],
    ],
    [
      ["approvals", "deny"],
      ["<id>", "--reason", "--by", "--yes", "--url", "--token", "--admin-url"],
    ],
    [["new"], ["tool", "agent"]],
    [["init"], ["<directory>", "--template <minimal|chat|claim>", "--fanout <spec>"]],
    [["new", "agent"], ["<name>"]],
    [["new", "tool"], ["<name>"]],
    [["sync"], ["--check"]],
    [["status"], ["--json", "--token", "--admin-url", "--ingress-url", "FANOUT_TARGET"]],
    [["scale"], ["<service>", "--max-concurrency", "--provisioned", "--memory", "no alias"]],
    [["prune"], ["--yes", "--keep"]],
    [["doctor"], ["--json", "--preflight", "exit code 1"]],
    [["deploy"], ["--yes", "--assembly", "--agent", "--smoke", "--no-smoke", "--token", "Exit code 0"]],
    [["mcp"], ["--http [port]", "--tools <names>", "--agents <names>", "--url", "FANOUT_MCP_TOKEN"]],
    [["redrive"], ["--resume [id...]", "--cancel [id...]", "--all", "--on-latest"]],
  ])("of %j names everything it takes", async (command, words) => {
    const { code, ...printed } = await run(...command, "--help");
    expect(code).toBe(0);
    expect(printed.stderr).toBe("");
    for (const word of words) expect(printed.stdout).toContain(word);
    expect(loadStandIns).not.toHaveBeenCalled();
  });
});

test("the list of commands agrees with each command's own help", async () => {
  const commands = [...(await listed([])), ...(await listed(["demo"])), ...(await listed(["new"]))];
  expect(commands).toHaveLength(23);
  for (const { path, usage } of commands) expect(await usageOf(path)).toBe(usage);
});

/** The commands of a group, as its help lists them. */
async function listed(group: string[]) {
  const text = await helpOf(group);
  const usages = [...text.matchAll(/^ {2}([a-z][^ ]*(?: [[<]\S+)*) /gm)].map(([, usage = ""]) => usage);
  const commands = usages.filter((usage) => !/^(help|demo|new)\b/.test(usage));
  return commands.map((usage) => ({ usage, path: [...group, usage.split(" ")[0] as string] }));
}

/** A command's arguments and options according to its own help; every command has `-h`. */
async function usageOf(path: string[]): Promise<string> {
  const text = await helpOf(path);
  const [, takes = ""] = /^Usage: fanout (.*)$/m.exec(text) ?? [];
  const usage = takes.slice([...path.slice(0, -1), ""].join(" ").length);
  const options = [...text.matchAll(/^ {2}--?\w/gm)];
  return options.length > 1 ? usage : usage.replace(" [options]", "");
}

async function helpOf(path: string[]): Promise<string> {
  stdout = [];
  await runCommandLine([...path, "--help"], projectOf([]));
  return stdout.join("");
}

test.each([
  ["help", "ask"],
  ["new", "help", "tool"],
])("%s shows the help that --help shows", async (...words) => {
  const path = words.filter((word) => word !== "help");
  const { stdout } = await run(...words);
  expect(stdout).toBe(await helpOf(path));
});

describe("wrong usage ends with 2 and says what is wrong", () => {
  test.each([
    [[], "Usage: fanout"],
    [["new"], "Usage: fanout new"],
    [["down"], "unknown command 'down'"],
    [["ask"], "missing required argument 'question'"],
    [["ask", "Hi", "there"], "too many arguments"],
    [["ask", "Hi", "--jsn"], "unknown option '--jsn'"],
    [
      ["ask", "Hi", "--url", "localhost:8080"],
      'Expected a URL such as http://localhost:8080, got "localhost:8080".',
    ],
    [
      ["up", "--fault", "finhub:errorRate=1"],
      "error: option '--fault <upstream:field=value,…>' argument 'finhub:errorRate=1' is invalid. " +
        'Unknown upstream "finhub". Upstreams: openai, anthropic, google, bedrock, finnhub.\n(add --help for the options)',
    ],
    [
      ["start", "--fault", "openai:hang", "--fault", "finnhub"],
      'such as openai:rateLimitRate=1, got "finnhub".',
    ],
    [["start", "--fault", "finnhub:slow"], 'Fault of finnhub: unknown field "slow". Fields: latencyMs,'],
    [["ask", "Hi", "--max-turns", "0"], 'Expected a whole number from 1, got "0".'],
    [["ask", "Hi", "--max-tool-calls", "1.5"], 'Expected a whole number from 1, got "1.5".'],
    [["ask", "Hi", "--max-tokens", "many"], 'Expected a whole number from 1, got "many".'],
    [["ask", "Hi", "--max-cost-usd", "0"], 'Expected a number above 0, such as 0.5, got "0".'],
    [["ask", "Hi", "--deadline", "-1"], 'Expected a number above 0, such as 0.5, got "-1".'],
    [["chat", "Hi"], "too many arguments"],
    [
      ["chat", "--conversation", "a b"],
      'Expected a conversation\'s id, 1 to 200 characters without spaces, got "a b".',
    ],
    [["approvals", "approve"], "missing required argument 'id'"],
    [
      ["approvals", "approve", "inv_1"],
      'Expected an approval\'s id such as ap_3f2c9b1e8d7a4c5b6e0f, got "inv_1".',
    ],
    [
      ["approvals", "approve", "ap_1", "--input", "[1]"],
      'Expected a JSON object such as {"amount":5}, got "[1]".',
    ],
    [["approvals", "deny", "ap_1", "--input", "{}"], "unknown option '--input'"],
    [["approvals", "--run", "ap_1"], "Expected a run's id such as inv_"],
    [["new", "agent", "support"], "An agent's name is PascalCase, at most 36 characters"],
    [["new", "tool"], "missing required argument 'name'"],
    [["init"], "missing required argument 'directory'"],
    [["init", "here", "--template", "big"], 'Unknown template "big". Templates: minimal, chat, claim.'],
    [["scale", "get_weather"], "expected --max-concurrency, --provisioned or --memory"],
    [["scale", "get_weather", "--memory", "64"], 'Expected a whole number from 128 to 10240, got "64".'],
    [["scale", "get_weather", "--max-concurrency", "-1"], 'Expected a whole number from 0, got "-1".'],
    [["redrive", "--resume", "run"], "Expected a run's id such as inv_"],
    [["redrive", "--resume", "--cancel", "--all"], "expected one of --resume, --cancel and --kill"],
    [["new", "tool", "Roll-Dice"], "A tool's name is snake_case, at most 36 characters"],
  ])("%j", async (args, words) => {
    const { code, ...printed } = await run(...args);
    expect(printed.stderr).toContain(words);
    expect({ code, stdout: printed.stdout }).toEqual({ code: 2, stdout: "" });
  });
});

test.each([["ask", "Hi"], ["chat"]])("%s without a platform says how to start one", async (...args) => {
  expect(await run(...args)).toEqual({
    code: 1,
    stdout: "",
    stderr: "No local platform runs here. Start one with: npx fanout up (or name an ingress with --url)\n",
  });
});

test("a server's answer is shown, and does not act on the terminal", async () => {
  const ingress = await serveOnLoopback(
    new Hono().all("/*", (c) => c.json({ message: "No.\u001b]0;mine\u0007\u009b2J" }, 500)),
  );
  const { code, stderr } = await run("ask", "Hi", "--url", ingress.url);
  await ingress.stop();
  expect(stderr).toBe("The run failed (500): No.\\u001b]0;mine\\u0007\\u009b2J\n");
  expect(code).toBe(1);
  expect((await run("ask", "Hi", "--\u001b[2J")).stderr).toContain("unknown option '--\\u001b[2J'");
});

test("a chat whose token is refused says so", async () => {
  const ingress = await serveOnLoopback(new Hono().all("/*", (c) => c.json({ message: "Who?" }, 401)));
  const said = await run("chat", "--url", ingress.url, "--token", "wrong");
  await ingress.stop();
  expect(said).toEqual({ code: 1, stdout: "", stderr: `${ingress.url} refused the token.\n` });
});

test.each([
  [[], ["start"], "This project has no agent. Add one with: npx fanout new agent MyAgent\n"],
  [agents, ["start", "--agent", "TimAgent"], 'Unknown agent "TimAgent". Agents: TimeAgent, OtherAgent.\n'],
  [agents, ["start"], "Which agent? Add --agent with one of: TimeAgent, OtherAgent.\n"],
  [
    agents,
    ["ask", "Hi", "--url", "http://127.0.0.1:1"],
    "Which agent? Add --agent with one of: TimeAgent, OtherAgent.\n",
  ],
])("in a project with agents %#, %j lists them, and starts nothing", async (those, args, stderr) => {
  expect(await runWith(those, ...args)).toEqual({ code: 1, stdout: "", stderr });
});

test.each(["status", "prune", "doctor", "redrive"])(
  "%s without a platform says how to get one",
  async (command) => {
    const { code, stdout, stderr } = await run(command);
    expect(stdout + stderr).toMatch(/No local platform runs here, and FANOUT_TARGET names no deployment/);
    expect(code).toBe(1);
  },
);

describe("with FANOUT_TARGET, the deployment's Restate is asked", () => {
  const existing = {
    FANOUT_TARGET: "existing",
    RESTATE_ADMIN_URL: "http://127.0.0.1:1/admin",
    RESTATE_INGRESS_URL: "http://127.0.0.1:1/ingress",
    RESTATE_API_KEY_SECRET: "restate/api-key",
    RESTATE_INVOKER_ROLE_ARN: "arn:aws:iam::123456789012:role/restate",
  };
  beforeEach(() => {
    for (const [name, value] of Object.entries(existing)) vi.stubEnv(name, value);
  });
  afterEach(() => vi.unstubAllEnvs());

  test.each([
    [["ask", "Hi"], "http://127.0.0.1:1/ingress does not answer"],
    [["ask", "Hi", "--url", "http://127.0.0.1:1/other"], "http://127.0.0.1:1/other does not answer"],
    [["cancel", "inv_1"], "http://127.0.0.1:1/admin does not answer"],
    [
      ["cancel", "inv_1", "--admin-url", "http://127.0.0.1:1/other"],
      "http://127.0.0.1:1/other does not answer",
    ],
  ])("%j", async (args, words) => {
    const { code, stderr } = await run(...args);
    expect(stderr).toContain(words);
    expect(code).toBe(1);
  });

  test("wrong settings are named", async () => {
    vi.stubEnv("RESTATE_ADMIN_URL", "nowhere");
    expect((await run("ask", "Hi")).stderr).toContain("RESTATE_ADMIN_URL: expected a URL");
  });
});
