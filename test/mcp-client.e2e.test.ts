import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { AgentOutput } from "../lib/agent/index.ts";
import type { McpServerDefinition } from "../lib/mcp-client/index.ts";
import { defineMcpServer, type McpContract, mcpTool } from "../lib/mcp-client/index.ts";
import { readTools } from "../lib/mcp-client/list-tools.ts";
import { callMcpTool } from "../lib/mcp-client/serve-mcp-tool.ts";
import { overHttp } from "../lib/mcp-client/transport.ts";
import type { Tool } from "../lib/tool/index.ts";
import { ROOT } from "./support/imports.ts";
import {
  BEARER,
  CLIENT,
  type Door,
  type Everything,
  startDoor,
  startEverything,
} from "./support/mcp-server.ts";
import { copyProject, type Project } from "./support/project.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

// A real server of another maker, behind a stand-in for what lets requests in and notes them.
let everything: Everything;
let door: Door;
let contracts: Map<string, McpContract>;
beforeAll(async () => {
  everything = await startEverything();
  door = await startDoor(everything);
  const server = defineMcpServer({ url: everything.url, tools: {} });
  const listed = await readTools("everything", server, { root: ROOT, settings: {} });
  contracts = new Map(listed.map((contract) => [contract.name, contract]));
});
afterAll(async () => {
  await door?.stop();
  await everything?.kill();
});
beforeEach(() => {
  door.passed.length = 0;
});

const SECRETS = { TOKEN: BEARER, CLIENT_SECRET: CLIENT.secret };
const oauth = () => ({ clientId: CLIENT.id, clientSecret: "CLIENT_SECRET", issuer: door.issuer });

/** A tool as one execution environment of its function has it. */
function environmentOf(name: string, definition: Partial<McpServerDefinition> = {}) {
  const server = defineMcpServer({
    url: door.bearerUrl,
    authorization: { bearer: "TOKEN" },
    ...definition,
    tools: { [name]: { name: "a_tool", effect: "read", ...definition.tools?.[name] } },
  });
  const tool = mcpTool("everything", server, contracts.get(name) as McpContract) as unknown as Tool;
  const call = callMcpTool(tool, overHttp(server));
  return (input: Record<string, unknown>, signal = AbortSignal.timeout(60_000)) =>
    call(input, { signal, env: tool.env, secrets: SECRETS, idempotencyKey: "the-key" });
}
const methods = () => door.passed.map(({ method }) => method);
const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable(),
    (error) => error,
  );

describe("a tool of an MCP server", () => {
  test("is called in one session for as long as the environment lives", async () => {
    const echo = environmentOf("echo");
    expect(await echo({ message: "one" })).toBe("Echo: one");
    expect(await echo({ message: "two" })).toBe("Echo: two");
    expect(methods().filter((method) => method === "initialize")).toHaveLength(1);
    expect(methods().filter((method) => method === "tools/call")).toHaveLength(2);
    expect(door.passed.at(-1)?.params?._meta).toEqual({ "dev.fanout/idempotencyKey": "the-key" });
  });

  test("returns what is structured, texts as they are, and names what is neither", async () => {
    const weather = await environmentOf("get-structured-content")({ location: "Chicago" });
    expect(weather).toEqual({ temperature: 36, conditions: "Light rain / drizzle", humidity: 82 });
    const image = await environmentOf("get-tiny-image")({});
    expect(image).toMatch(/\n\[image: image\/png, \d+ bytes\]\n/);
    const links = await environmentOf("get-resource-links")({ count: 1 });
    expect(links).toMatch(/\[resource: .*demo:\/\/resource/);
  });

  test("fails for good with the server's own words in one line", async () => {
    const failure = await failureOf(environmentOf("echo")({ message: 3 }));
    expect(failure).toMatchObject({ name: "ToolError", retryable: false });
    expect(failure.message).toMatch(/^MCP error -32602: .*expected string/);
  });

  test("is cancelled at the server when nobody waits for it any longer", async () => {
    const run = environmentOf("trigger-long-running-operation");
    const failure = await failureOf(run({ duration: 60, steps: 60 }, AbortSignal.timeout(500)));
    expect(failure.message).toBe("everything was not waited for any longer");
    expect(methods().at(-1)).toBe("notifications/cancelled");
  });

  test("is called in a new session when the server has forgotten the old one", async () => {
    const echo = environmentOf("echo", { tools: { echo: { effect: "write" } } });
    await echo({ message: "one" });
    await everything.kill();
    await everything.start();
    expect(await echo({ message: "two" })).toBe("Echo: two");
    expect(methods().filter((method) => method === "initialize")).toHaveLength(2);
  });

  test.each(["read", "write"] as const)(
    "that is a %s fails when its server dies in mid-call, and may then be tried again or not",
    async (effect) => {
      const name = "trigger-long-running-operation";
      const run = environmentOf(name, { tools: { [name]: { effect } } });
      const running = failureOf(run({ duration: 60, steps: 60 }));
      await vi.waitFor(() => expect(methods()).toContain("tools/call"), { timeout: 30_000 });
      await everything.kill();
      expect(await running).toMatchObject({
        message: expect.stringMatching(/^everything (could not be reached|has a problem)/),
        retryable: effect === "read",
      });
      expect(await failureOf(run({}))).toMatchObject({ retryable: true });
      await everything.start();
      expect(await run({ duration: 0.1, steps: 1 })).toMatch(/^Long running operation completed/);
    },
  );

  test.each([
    [401, {}, "does not accept the credentials", false, undefined],
    [403, {}, "denied access (status 403)", false, undefined],
    [418, {}, "refused the request (status 418)", false, undefined],
    [429, { "retry-after": "7" }, "is limiting requests (status 429). Try again later.", true, 7],
    [503, { "retry-after": "3" }, "has a problem (status 503)", true, 3],
  ])(
    "that is refused with %i says so, and whether another try may help",
    async (status, headers, words, retryable, retryAfterSeconds) => {
      const echo = environmentOf("echo");
      await echo({ message: "first" });
      door.instead.push((response: ServerResponse) => response.writeHead(status, headers).end(BEARER));
      const failure = await failureOf(echo({ message: "second" }));
      expect(failure).toMatchObject({ message: `everything ${words}`, retryable, retryAfterSeconds });
      expect(await echo({ message: "third" })).toBe("Echo: third");
    },
  );

  test.each(["application/json", "text/event-stream"])(
    "whose answer has no end as %s is read no further than 2 MiB",
    async (type) => {
      const echo = environmentOf("echo");
      door.instead.push((response: ServerResponse) => {
        response.writeHead(200, { "content-type": type });
        const more = () => {
          if (!response.destroyed) response.write(`data: ${"x".repeat(100_000)}\n`, () => setImmediate(more));
        };
        more();
      });
      const failure = await failureOf(echo({ message: "first" }));
      expect(failure).toMatchObject({
        message: "everything answered with too much to read",
        retryable: false,
      });
      expect(await echo({ message: "second" })).toBe("Echo: second");
    },
  );

  test("whose answer breaks off, with nothing to resume it, has failed at once", async () => {
    const echo = environmentOf("echo");
    door.instead.push((response: ServerResponse) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(": begun\n\n");
      setImmediate(() => response.destroy());
    });
    expect(await failureOf(echo({ message: "first" }))).toMatchObject({
      message: "everything could not be reached",
      retryable: true,
    });
  });

  test.each([
    ["application/json", "{}"],
    ["application/json", "no JSON"],
    ["text/html", "<p>Sign in</p>"],
  ])("whose answer is %s with %s cannot be read, which is said", async (type, body) => {
    const echo = environmentOf("echo");
    await echo({ message: "first" });
    door.instead.push((response: ServerResponse) =>
      response.writeHead(200, { "content-type": type }).end(body),
    );
    expect(await failureOf(echo({ message: "second" }))).toMatchObject({
      message: "everything answered with something unreadable",
      retryable: true,
    });
  });

  test("with OAuth's client credentials gets one token for all of its sessions, and another when it is refused", async () => {
    const echo = environmentOf("echo", { url: door.oauthUrl, authorization: oauth() });
    expect(await echo({ message: "one" })).toBe("Echo: one");
    await everything.kill();
    await everything.start();
    expect(await echo({ message: "two" })).toBe("Echo: two");
    expect(methods().filter((method) => method === "/token")).toHaveLength(1);
    door.forgetTokens();
    expect(await echo({ message: "three" })).toBe("Echo: three");
    expect(methods().filter((method) => method === "/token")).toHaveLength(2);
  });

  test("shows a client's secret to nobody but its issuer, and in no message", async () => {
    const elsewhere = environmentOf("echo", {
      url: door.oauthUrl,
      authorization: { ...oauth(), issuer: "https://issuer.example" },
    });
    const failure = await failureOf(elsewhere({ message: "one" }));
    expect(failure).toMatchObject({
      message: "everything does not accept the credentials",
      retryable: false,
    });
    expect(methods()).not.toContain("/token");
    const wrong = environmentOf("echo", {
      url: door.oauthUrl,
      authorization: { ...oauth(), clientId: "another" },
    });
    expect(await failureOf(wrong({ message: "one" }))).toMatchObject({
      message: "everything does not accept the credentials",
      retryable: false,
    });
  });
});

describe("a project of one's own with MCP servers", () => {
  let project: Project;
  let platform: Awaited<ReturnType<Project["up"]>> | undefined;
  beforeAll(async () => {
    project = copyProject();
    for (const folder of ["functions/tools", "functions/agents", "functions/lambdas", "test/samples"])
      rmSync(join(project.root, folder), { recursive: true, force: true });
    write("README.md", "# Mine\n\n<!-- tools: written by `npm run sync` -->\n<!-- /tools -->\n");
    write(".env", `EVERYTHING_TOKEN=${BEARER}\nCLIENT_SECRET=${CLIENT.secret}\n`);
    expect(await project.fanout(["new", "tool", "shout"])).toMatchObject({ code: 0 });
  });
  afterAll(() => project?.remove());

  const read = (path: string) => readFileSync(join(project.root, path), "utf8");
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(project.root, path)), { recursive: true });
    writeFileSync(join(project.root, path), text);
  };
  const change = (path: string, from: string, to: string) => {
    expect(read(path)).toContain(from);
    write(path, read(path).replace(from, to));
  };
  const SERVER = "functions/mcp/everything/server.ts";
  const KEPT = "functions/mcp/everything/tools.json";
  const LONG = "trigger-long-running-operation";

  test("new mcp asks a server for its tools, and takes those that were named", async () => {
    const tools = `echo,get-sum,${LONG}`;
    const flags = ["--url", door.bearerUrl, "--bearer", "EVERYTHING_TOKEN", "--tools", tools];
    expect(await project.fanout(["new", "mcp", "everything", ...flags])).toEqual({
      code: 0,
      stderr: "",
      stdout: [
        "  functions/mcp/everything/server.ts",
        "  functions/mcp/everything/tools.json",
        "  functions/mcp/everything/tools.ts",
        "Say in server.ts which of them only read. Then name them in an agent.",
        "",
      ].join("\n"),
    });
    expect(read(SERVER)).toContain(`    // "get-env": {}, // "Returns all environment variables`);
    expect(Object.keys(JSON.parse(read(KEPT)).tools)).toEqual(["echo", "get-sum", LONG]);
    expect(read("README.md")).toContain("| `everything_echo` | Echoes back the input string | write |");
    expect(read(".env")).not.toBe(read(SERVER));
  });

  test("new mcp leaves nothing behind when a server cannot be asked, or lacks a tool", async () => {
    const failing = async (...flags: string[]) =>
      (await project.fanout(["new", "mcp", "other", ...flags])).stderr;
    expect(await failing("--url", "http://127.0.0.1:1/mcp")).toBe(
      "The MCP server other could not be reached\n",
    );
    expect(await failing("--url", door.bearerUrl)).toBe(
      "The MCP server other does not accept the credentials\n",
    );
    expect(await failing("--url", everything.url, "--tools", "ecko")).toMatch(
      /^other has no tool called ecko\. It has: echo, get-annotated-message, /,
    );
    expect(existsSync(join(project.root, "functions/mcp/other"))).toBe(false);
  });

  test("sync takes what server.ts names, and sync --check says what it lacks without asking anybody", async () => {
    change(SERVER, `    echo: {}`, `    echo: { effect: "read", maxResultBytes: 256 }`);
    change(SERVER, `    "get-sum": {}`, `    "get-sum": { effect: "read", attempts: 10 }`);
    change(
      SERVER,
      `{ name: "trigger_long_running_operation" }`,
      `{ name: "run_long", timeout: { seconds: 2 } }`,
    );
    write(
      "functions/mcp/local/server.ts",
      `import { defineMcpServer } from "fanout/mcp-client";

export default defineMcpServer({
  command: ["mcp-server-everything", "stdio"],
  secrets: ["CLIENT_SECRET"],
  tools: { "get-env": { effect: "read" }, "get-structured-content": { effect: "read" } },
});
`,
    );
    write(
      "functions/mcp/signed_in/server.ts",
      `import { defineMcpServer } from "fanout/mcp-client";

export default defineMcpServer({
  url: "${door.oauthUrl}",
  authorization: { clientId: "${CLIENT.id}", clientSecret: "CLIENT_SECRET", issuer: "${door.issuer}" },
  tools: { "get-sum": { effect: "read", description: "Adds, for those who are let in." } },
});
`,
    );
    door.passed.length = 0;
    expect((await project.fanout(["sync", "--check"])).stderr).toBe(
      "Out of date: functions/mcp/local: there is no tools.json. Run: npm run sync\n",
    );
    expect(door.passed).toEqual([]);
    expect(await project.fanout(["sync"])).toMatchObject({ code: 0, stderr: "" });
    expect(methods()).toContain("/token");
    expect(await project.fanout(["sync", "--check"])).toMatchObject({ code: 0 });
    expect(read("functions/tools/index.ts")).toContain(
      'import { everythingEcho as everythingEchoTool } from "../mcp/everything/tools.ts"; // everything_echo',
    );
  });

  test("sync --check --mcp shows what has changed at the servers, and sync --mcp takes it", async () => {
    expect(await project.fanout(["sync", "--check", "--mcp"])).toMatchObject({ code: 0, stderr: "" });
    const now = read(KEPT);
    const kept = JSON.parse(now);
    kept.tools.echo.inputSchema.properties.message.description = "What to echo";
    delete kept.tools["get-sum"].inputSchema.required;
    kept.notTaken = kept.notTaken.filter((name: string) => name !== "get-env").concat("get-rid-of");
    write(KEPT, `${JSON.stringify(kept, undefined, 2)}\n`);
    expect(await project.fanout(["sync"])).toMatchObject({ code: 0 });
    const { code, stderr } = await project.fanout(["sync", "--check", "--mcp"]);
    expect(code).toBe(1);
    expect(stderr.split("\n")).toEqual([
      "everything: get-env is new",
      "everything: get-rid-of is gone",
      "everything: echo has changed",
      'everything:   inputSchema.properties.message.description: "What to echo" became "Message to echo"',
      "everything: get-sum has changed",
      'everything:   inputSchema.required.0: "a" is new',
      'everything:   inputSchema.required.1: "b" is new',
      "To take it, run: npm run sync -- --mcp, and read what has changed in functions/mcp.",
      "",
    ]);
    expect(await project.fanout(["sync", "--mcp"])).toMatchObject({ code: 0 });
    expect(read(KEPT)).toBe(now);
  });

  test("an agent's tools are typed, formatted, and synthesised for the cloud only where there is a URL", async () => {
    expect(await project.fanout(["new", "agent", "McpAgent"])).toMatchObject({ code: 0 });
    write(
      "functions/agents/mcp-agent/agent.ts",
      `import { defineAgent } from "fanout/agent";
import * as everything from "../../mcp/everything/tools.ts";
import * as local from "../../mcp/local/tools.ts";
import * as signedIn from "../../mcp/signed_in/tools.ts";
import shout from "../../tools/shout/tool.ts";

export default defineAgent({
  name: "McpAgent",
  description: "Calls what it is asked to.",
  model: "openai/gpt-5.4",
  instructions: "Call what you are asked to.",
  tools: [
    shout,
    everything.everythingEcho,
    everything.everythingGetSum,
    everything.runLong,
    local.localGetEnv,
    local.localGetStructuredContent,
    signedIn.signedInGetSum,
  ],
  untrusted: ["everything_echo"],
});
`,
    );
    write("tsconfig.functions.json", '{ "extends": "./tsconfig.json", "include": ["functions"] }');
    for (const [command, args] of [
      ["biome", ["ci", "--error-on-warnings", "functions"]],
      ["tsc", ["--project", "tsconfig.functions.json"]],
    ] as const) {
      const { code, stdout, stderr } = await project.run(command, [...args]);
      expect(code, stdout + stderr).toBe(0);
    }
    const cloud = [
      "FANOUT_TARGET=cloud",
      "RESTATE_ENVIRONMENT_ID=env_a",
      "RESTATE_API_KEY_SECRET=restate/api-key",
    ];
    const { code, stderr } = await project.run("env", [...cloud, "node", "bin/app.ts"]);
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/^functions\/mcp\/everything\/server\.ts: a deployment needs a url with https/);
  });

  /** The output of a run in which the offline model makes these calls at once. */
  async function run(...words: string[]): Promise<AgentOutput> {
    const response = await fetch(`${platform?.state.ingressUrl}/restate/call/McpAgent/run`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ message: words.map((word) => `Use ${word}`).join("\n") }),
    });
    const output = (await response.json()) as AgentOutput;
    expect(response.status, JSON.stringify(output)).toBe(200);
    return output;
  }

  test("one turn has calls of a server's tools, over both transports, beside our own", async () => {
    platform = await project.up();
    const { toolCalls, answer, turns } = await run(
      "shout with text=hello",
      "everything_echo with message=hello",
      "everything_get_sum with a=2 b=3",
      "local_get_structured_content with location=Chicago",
      "signed_in_get_sum with a=20 b=30",
    );
    expect(toolCalls.map(({ tool, status }) => [tool, status])).toEqual([
      ["shout", "ok"],
      ["everything_echo", "ok"],
      ["everything_get_sum", "ok"],
      ["local_get_structured_content", "ok"],
      ["signed_in_get_sum", "ok"],
    ]);
    expect(turns).toBe(2);
    expect(answer).toContain("HELLO");
    expect(answer).toContain("Echo: hello");
    expect(answer).toContain("The sum of 2 and 3 is 5.");
    expect(answer).toContain('"temperature":36');
    expect(answer).toContain("The sum of 20 and 30 is 50.");
  });

  test("what a server may not be sent is refused before it is, and what it makes is cut", async () => {
    door.passed.length = 0;
    const { toolCalls } = await run(
      "everything_get_sum with a=two b=3",
      `everything_echo with message=${"x".repeat(500)}`,
    );
    expect(toolCalls).toMatchObject([
      { status: "invalid-input", error: expect.stringMatching(/^a: .*"number".*, got "two"$/) },
      { status: "ok", truncated: true },
    ]);
    expect(methods().filter((method) => method === "tools/call")).toHaveLength(1);
  });

  test("a call that takes too long ends as its contract says, here and at the server", async () => {
    door.passed.length = 0;
    const { toolCalls } = await run("run_long with duration=60 steps=60", "everything_get_sum with a=1 b=1");
    expect(toolCalls).toMatchObject([
      { tool: "run_long", status: "timeout" },
      { tool: "everything_get_sum", status: "ok" },
    ]);
    await expect.poll(methods).toContain("notifications/cancelled");
  });

  test("a read outlives the death of its server: it is tried again when that is back", async () => {
    door.instead.push(async (response) => {
      await everything.kill();
      response.destroy();
      await everything.start();
    });
    const { toolCalls } = await run("everything_get_sum with a=4 b=5");
    expect(toolCalls).toMatchObject([{ status: "ok" }]);
    expect(toolCalls[0]?.attempts).toBeGreaterThan(1);
  });

  test("a program that a laptop starts has its secrets and nothing else of the environment", async () => {
    const { answer } = await run("local_get_env");
    expect(answer).toContain(CLIENT.secret);
    expect(answer).not.toContain(BEARER);
    expect(answer).not.toContain("AWS_");
  });

  // The last of these tests, because it ends the platform.
  test("such a program ends with the platform, even with one that is killed", async () => {
    const programs = () => project.processes().filter((line) => line.includes("mcp-server-everything"));
    expect(programs()).not.toEqual([]);
    process.kill(-(platform?.child.pid as number), "SIGKILL");
    await expect.poll(() => project.processes()).toEqual([]);
  });
});
