import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "../support/imports.ts";
import { copyProject, eventually, type Project } from "../support/project.ts";

const INSPECTOR = ".ci/mcp-inspector/node_modules/.bin/mcp-inspector";
const missing = existsSync(join(ROOT, INSPECTOR)) ? "" : ", but: npm --prefix .ci/mcp-inspector ci";

let project: Project;
let platform: Awaited<ReturnType<Project["up"]>>;
beforeAll(async () => {
  project = copyProject();
  platform = await project.up();
});
afterAll(async () => {
  platform?.child.kill("SIGTERM");
  await platform?.outcome;
  await project?.nothingLeft();
  await project?.remove();
});

/** What the documentation says a client is told. */
interface Configuration {
  command: string;
  args: string[];
}

/** Every configuration in docs/client.md, for this project. */
function configurations(): Configuration[] {
  const page = readFileSync(join(ROOT, "docs/client.md"), "utf8");
  return [...page.matchAll(/^```json\n(\{\s*"(?:mcpServers|servers)"[\s\S]*?)^```$/gm)].map(
    ([, text = ""]) => {
      const { mcpServers, servers } = JSON.parse(text.replaceAll("/path/to/project", project.root));
      return (mcpServers ?? servers).fanout;
    },
  );
}

const environment = () => ({
  HOME: join(project.root, "../home"),
  TMPDIR: join(project.root, "../tmp"),
  // npm's cache is not what the command leaves behind.
  npm_config_cache: join(project.root, "../npm"),
});

async function connected<T>(
  { command, args }: Configuration,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode: "auto" } });
  const transport = new StdioClientTransport({
    command,
    args,
    env: { ...environment(), PATH: "/usr/bin:/bin" },
  });
  await client.connect(transport);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

test("the documentation's lines for programs that start it are two, and each finds the tools", async () => {
  const all = configurations();
  expect(all).toHaveLength(2);
  for (const configuration of all) {
    const { tools } = await connected(configuration, (client) => client.listTools());
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["get_weather", "send_email", "ParallelToolAgent"]));
    expect(names, "one with a handler of its own").toContain("ParallelToolClaimAgent");
  }
});

test("calls at once are answered, and the process ends with its client", async () => {
  const [configuration] = configurations();
  const weather = (city: string) => ({ name: "get_weather", arguments: { city } });
  const results = await connected(configuration as Configuration, (client) =>
    Promise.all(["Tokyo", "London"].map((city) => client.callTool(weather(city)))),
  );
  expect(results).toMatchObject([
    { structuredContent: { city: "Tokyo", celsius: 18.4 } },
    { structuredContent: { city: "London", celsius: 11.6 } },
  ]);
  const left = () => project.processes().filter((line) => line.endsWith("fanout.ts mcp"));
  await eventually(
    () => left().length === 0,
    () => left().join(", "),
  );
});

test("over HTTP it asks for the token, and offers what it was narrowed to", async () => {
  const FANOUT_MCP_TOKEN = "a-token-for-this-test";
  const server = project.start(["mcp", "--http", "--tools", "convert_units"], { FANOUT_MCP_TOKEN });
  const address = () => /http:\/\/127\.0\.0\.1:\d+\/mcp/.exec(server.stderr())?.[0];
  const url = new URL(await eventually(address, server.stderr));
  expect((await fetch(url, { method: "POST", headers: { "content-type": "application/json" } })).status).toBe(
    401,
  );
  const client = new Client({ name: "test", version: "1" });
  const headers = { authorization: `Bearer ${FANOUT_MCP_TOKEN}` };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(["convert_units"]);
  await client.close();
  server.child.kill("SIGTERM");
  expect(await server.outcome).toMatchObject({ code: 0, stdout: "" });
});

test("a name that is not there is told, with those that are", async () => {
  const { code, stdout, stderr } = await project.fanout(["mcp", "--tools", "get_wether"]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/Unknown tool "get_wether"\. There are: calculate_metrics,/);
});

describe.skipIf(missing)(`the official inspector${missing}`, () => {
  const inspect = async (...args: string[]) => {
    const { command, args: own } = configurations()[0] as Configuration;
    const { stdout, stderr } = await project.run(join(ROOT, INSPECTOR), ["--cli", command, ...own, ...args]);
    expect(stdout, stderr).toMatch(/^\{/);
    return JSON.parse(stdout);
  };

  test("lists and calls", async () => {
    const { tools } = await inspect("--method", "tools/list");
    expect(tools.map(({ name }: { name: string }) => name)).toContain("get_weather");
    const call = ["--method", "tools/call", "--tool-name", "get_weather", "--tool-arg"];
    expect(await inspect(...call, "city=Tokyo")).toMatchObject({ structuredContent: { celsius: 18.4 } });
  });
});
