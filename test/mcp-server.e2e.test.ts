import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createMCPClient } from "@ai-sdk/mcp";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as FirstClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as FirstTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readWaiting, type WaitingCall } from "../lib/cli/run/approvals.ts";
import { bearerTokens, createMcpEndpoint } from "../lib/mcp-server/index.ts";
import { query } from "../lib/restate/index.ts";
import { type Loopback, serveOnLoopback } from "../lib/sandbox/index.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import agent from "./support/functions/agent/agent.ts";
import structured from "./support/functions/structured/agent.ts";
import { barrier, closed } from "./support/gate.ts";
import { answer, calls, replies } from "./support/script.ts";

const TOKENS = {
  ann: "a-token-for-all-of-the-tools",
  bob: "a-token-for-the-gate-alone",
} as const;

let cluster: Cluster;
let served: Loopback;
const clients: { close(): Promise<void> }[] = [];

const endpoint = () =>
  createMcpEndpoint({
    restate: { ingressUrl: cluster.restate.ingressUrl, adminUrl: cluster.restate.adminUrl },
    tools: agent.tools,
    agents: [agent, structured, { ...structured, name: "NotDeployed" }],
    authorize: bearerTokens([
      { token: TOKENS.ann, subject: "ann", tools: "all" },
      { token: TOKENS.bob, subject: "bob", tools: ["gate"] },
    ]),
    secret: "the same on every server",
    onError: () => {},
  });

beforeAll(async () => {
  cluster = await startCluster("v7");
  served = await serveOnLoopback(endpoint());
});
afterAll(async () => {
  await served?.stop();
  await cluster?.stop();
});
beforeEach(async () => {
  cluster.gate.use(() => {});
  await cluster.use(() => {
    throw new Error("no model is asked");
  });
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  cluster.gate.open();
});

const init = (token: string) => ({ requestInit: { headers: { authorization: `Bearer ${token}` } } });

/** The official client. @param mode `auto`: the newest revision; `legacy`: one with sessions. */
async function connect(mode: "auto" | "legacy" = "legacy", token: string = TOKENS.ann): Promise<Client> {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(served.url), init(token)));
  clients.push(client);
  return client;
}

const gate = (id: string) => ({ name: "gate", arguments: { id } });
const arrived = (id: string) =>
  expect.poll(() => cluster.gate.history, { interval: 20 }).toContain(`arrived ${id}`);

/** A request as a client sends it that keeps no connection. */
const post = (body: object, headers: Record<string, string> = {}, url = served.url) =>
  fetch(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${TOKENS.ann}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: "2.0", ...body }),
  });

describe.each(["auto", "legacy"] as const)("the official client, negotiating %s,", (mode) => {
  test("lists the tools that are exposed and the agents, with schemas and hints", async () => {
    const { tools } = await (await connect(mode)).listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual([...agent.tools.map(({ name }) => name), "TestAgent", structured.name]);
    expect(tools.find(({ name }) => name === "record")).toMatchObject({
      description: "Writes an entry at the test's gate.",
      inputSchema: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
      outputSchema: { type: "object", properties: { key: { type: "string" } } },
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false },
    });
    expect(tools.find(({ name }) => name === "gate")?.annotations).toEqual({ readOnlyHint: true });
  });

  test("gets an output as text and as it is, and calls that are sent at once run at once", async () => {
    cluster.gate.use(barrier(3));
    const client = await connect(mode);
    const results = await Promise.all(["a", "b", "c"].map((id) => client.callTool(gate(id))));
    expect(results).toMatchObject(
      ["a", "b", "c"].map((id) => ({
        content: [{ type: "text", text: `{"id":"${id}"}` }],
        structuredContent: { id },
      })),
    );
  });

  test("reads what is wrong with an input, why a tool has failed, and that it took too long", async () => {
    const client = await connect(mode);
    const failure = async (name: string, input: object) => {
      const { isError, content } = await client.callTool({ name, arguments: { ...input } });
      return { isError, text: (content as { text: string }[])[0]?.text };
    };
    expect(await failure("gate", { id: 1 })).toEqual({
      isError: true,
      text: "Invalid input: id: expected string, got 1",
    });
    cluster.gate.use(closed);
    expect(await failure("slow", { id: "s" })).toEqual({ isError: true, text: "timeout after 1 s" });
    expect(await failure("fails", { how: "for-good" })).toEqual({ isError: true, text: "No such thing." });
    const { isError, text } = await failure("large", { rows: 500 });
    expect({ isError, text }).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^The result was too long.*row 0/),
    });
    await expect(client.callTool({ name: "no_such", arguments: {} })).rejects.toThrow(
      /Unknown tool "no_such"\. Tools: gate, slow/,
    );
  });
});

test("a request is called once, however often it comes; another one is another call", async () => {
  const headers = { "mcp-session-id": "s1", "mcp-protocol-version": "2025-11-25" };
  const request = { id: 7, method: "tools/call", params: gate("a") };
  const texts: string[] = [];
  for (let i = 0; i < 3; i++) texts.push(await (await post(request, headers)).text());
  for (const text of texts) expect(text).toContain('"structuredContent":{"id":"a"}');
  expect(cluster.invocations("gate")).toBe(1);
  await (await post({ ...request, id: 8 }, headers)).text();
  await (await post(request, { ...headers, "mcp-session-id": "s2" })).text();
  await (await post({ ...request, params: gate("b") }, headers)).text();
  await (await post(request, { ...headers, authorization: `Bearer ${TOKENS.bob}` })).text();
  expect(cluster.invocations("gate")).toBe(5);
});

test.each(["auto", "legacy"] as const)(
  "a key of the client's finds a call from another connection (%s)",
  async (mode) => {
    cluster.gate.use(closed);
    const keyed = { ...gate("k"), _meta: { "fanout/idempotencyKey": `order 4711 ${mode}` } };
    const first = await connect(mode);
    const lost = first.callTool(keyed).catch(() => "lost");
    await arrived("k");
    await first.close();
    expect(await lost).toBe("lost");
    const second = (await connect(mode)).callTool(keyed);
    cluster.gate.open();
    expect(await second).toMatchObject({ structuredContent: { id: "k" } });
    expect(cluster.invocations("gate")).toBe(1);
  },
);

test("a client whose server dies in mid-call gets the result from the next one, by Last-Event-ID", async () => {
  cluster.gate.use(closed);
  const client = await connect();
  const called = client.callTool(gate("a"));
  await arrived("a");
  const port = Number(new URL(served.url).port);
  // The call has begun, so its event has been written.
  await sleep(50);
  await served.stop();
  served = await serveOnLoopback(endpoint(), port);
  cluster.gate.open();
  expect(await called).toMatchObject({ structuredContent: { id: "a" } });
  expect(cluster.invocations("gate")).toBe(1);
});

test.each(["auto", "legacy"] as const)(
  "a client survives that restate-server and the functions are killed in mid-call (%s)",
  async (mode) => {
    cluster.gate.use(closed);
    const client = await connect(mode);
    const called = ["a", "b"].map((id) => client.callTool(gate(id)));
    await arrived("a");
    await arrived("b");
    for (const pid of cluster.lambda.pids()) process.kill(pid, "SIGKILL");
    await cluster.crashServer();
    cluster.gate.open();
    expect(await Promise.all(called)).toMatchObject([
      { structuredContent: { id: "a" } },
      { structuredContent: { id: "b" } },
    ]);
  },
);

test.each(["auto", "legacy"] as const)("a client that cancels ends the call (%s)", async (mode) => {
  cluster.gate.use(closed);
  const client = await connect(mode);
  const giveUp = new AbortController();
  const called = client.callTool(gate("a"), { signal: giveUp.signal }).catch(() => "cancelled");
  await arrived("a");
  giveUp.abort();
  expect(await called).toBe("cancelled");
  // What a function is doing it does to its end.
  await expect.poll(() => unfinished()).toEqual(["gate/run"]);
  cluster.gate.open();
  await expect.poll(() => unfinished()).toEqual([]);
});

test("a client that vanishes cancels nothing", async () => {
  cluster.gate.use(closed);
  const client = await connect();
  const lost = client.callTool(gate("a")).catch(() => "lost");
  await arrived("a");
  await client.close();
  expect(await lost).toBe("lost");
  expect(await unfinished()).toEqual(["ToolCalls/call", "gate/run"]);
  cluster.gate.open();
  await expect.poll(() => unfinished()).toEqual([]);
  expect(cluster.gate.history).not.toContain("dropped a");
});

/** What has not ended of calls; what a run has told is kept for longer. */
const unfinished = async () =>
  (
    await query<{ target: string }>(
      { url: cluster.restate.adminUrl },
      "SELECT target FROM sys_invocation WHERE status <> 'completed' AND target NOT LIKE 'RunEvents/%'",
    )
  )
    .map(({ target }) => target)
    .sort();

test.each(["auto", "legacy"] as const)(
  "an agent answers as a tool, and tells of its calls where that is asked for (%s)",
  async (mode) => {
    cluster.gate.use(closed);
    await cluster.use(replies(calls({ id: "c", name: "gate", input: { id: "c" } }), answer("Done.")));
    const client = await connect(mode);
    const told: string[] = [];
    const result = await client.callTool(
      { name: "TestAgent", arguments: { message: "Go." } },
      {
        onprogress: ({ message = "" }) => {
          told.push(message);
          if (message === "gate: called") cluster.gate.open();
        },
      },
    );
    expect(result).toMatchObject({
      content: [{ type: "text", text: "Done." }],
      structuredContent: { answer: "Done.", finishReason: "stop" },
    });
    expect(told.slice(0, 3)).toEqual([
      "turn 1: asking the model",
      "turn 1: calls asked for: 1",
      "gate: called",
    ]);
  },
);

describe.each(["auto", "legacy"] as const)("on stdio, negotiating %s,", (mode) => {
  /** Starts a server of its own. */
  async function start(): Promise<{ client: Client; pid: number }> {
    const { ingressUrl, adminUrl } = cluster.restate;
    const program = join(import.meta.dirname, "support/mcp-stdio-program.ts");
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [program, ingressUrl, adminUrl],
    });
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    await client.connect(transport);
    clients.push(client);
    return { client, pid: transport.pid as number };
  }

  test("a cancelled request ends its call", async () => {
    cluster.gate.use(closed);
    const { client } = await start();
    const giveUp = new AbortController();
    const called = client.callTool(gate("a"), { signal: giveUp.signal }).catch(() => "cancelled");
    await arrived("a");
    giveUp.abort();
    expect(await called).toBe("cancelled");
    await expect.poll(() => unfinished()).toEqual(["gate/run"]);
    cluster.gate.open();
    await expect.poll(() => unfinished()).toEqual([]);
  });

  test("a server that is killed cancels nothing, and the next one finds the call by its key", async () => {
    cluster.gate.use(closed);
    const keyed = { ...gate("k"), _meta: { "fanout/idempotencyKey": `killed ${mode}` } };
    const first = await start();
    const lost = first.client.callTool(keyed).catch(() => "lost");
    await arrived("k");
    process.kill(first.pid, "SIGKILL");
    expect(await lost).toBe("lost");
    const second = await start();
    const called = second.client.callTool(keyed);
    cluster.gate.open();
    expect(await called).toMatchObject({ structuredContent: { id: "k" } });
    expect(cluster.invocations("gate")).toBe(1);
  });
});

test("a call that waits for an approval says so, and goes on when it is given", async () => {
  const client = await connect();
  const asked = Promise.withResolvers<string>();
  const called = client.callTool(
    { name: "guarded", arguments: { id: "g" } },
    { onprogress: ({ message = "" }) => asked.resolve(message) },
  );
  expect(await asked.promise).toMatch(/^guarded: waits for an approval until /);
  const { ingressUrl, adminUrl } = cluster.restate;
  const [waiting] = await readWaiting({ ingressUrl, adminUrl });
  expect(waiting).toMatchObject({ agent: "ToolCalls", tool: "guarded", input: { id: "g" } });
  const { run, approval } = waiting as WaitingCall;
  await cluster.call(`/restate/call/RunEvents/${run}/answer`, { approval, approve: true });
  expect(await called).toMatchObject({ structuredContent: { id: "g", amount: 1 } });
});

test("a token lists and calls its own tools only, and nobody else is let in", async () => {
  const bob = await connect("legacy", TOKENS.bob);
  expect((await bob.listTools()).tools.map(({ name }) => name)).toEqual(["gate"]);
  await expect(bob.callTool({ name: "record", arguments: { id: "x" } })).rejects.toThrow(
    'Unknown tool "record". Tools: gate.',
  );
  const list = { id: 1, method: "tools/list" };
  const refused = await post(list, { authorization: "Bearer something-else-altogether" });
  expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  expect((await post(list, { origin: "https://elsewhere.example" })).status).toBe(403);
});

test("clients of other makers, and the one before, list and call", async () => {
  const theirs = await createMCPClient({
    transport: {
      type: "http",
      url: served.url,
      headers: { authorization: `Bearer ${TOKENS.ann}` },
    },
  });
  clients.push(theirs);
  const tools = await theirs.tools();
  const options = { toolCallId: "1", messages: [], context: {} };
  expect(await tools.gate?.execute?.({ id: "ai" }, options as never)).toMatchObject({
    structuredContent: { id: "ai" },
  });
  const first = new FirstClient({ name: "test", version: "1" });
  await first.connect(new FirstTransport(new URL(served.url), init(TOKENS.ann)) as never);
  clients.push(first);
  expect((await first.listTools()).tools.length).toBeGreaterThan(5);
  expect(await first.callTool(gate("v1"))).toMatchObject({ structuredContent: { id: "v1" } });
});
