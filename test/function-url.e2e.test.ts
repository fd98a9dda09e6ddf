import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import getPort from "get-port";
import { Hono } from "hono";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AgentClient, connectToRoutes, type PositionedEvent } from "../lib/client/index.ts";
import { type Loopback, serveOnLoopback } from "../lib/sandbox/index.ts";
import { bundleFunctions } from "../lib/stack/index.ts";
import { SERVER_BUNDLE, serverEntry } from "../lib/stack/server/entry.ts";
import type { Cluster } from "./support/cluster.ts";
import agent from "./support/functions/agent/agent.ts";
import { closed } from "./support/gate.ts";
import { answer, calls, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";
import { brief } from "./support/watch.ts";

const gate = (id: string) => ({ id, name: "gate", input: { id } });
const SECRET = "restate/ingress-key";

let cluster: Cluster;
let folder: string;
/** The extension that reads secrets, as far as it is asked here. */
let extension: Loopback;
let key: string;
let port: number;
let environment: ChildProcess;
beforeAll(async () => {
  // As in a stack with such a URL.
  cluster = await startWarmCluster("v7", { settings: (url) => ({ RESTATE_INGRESS_URL: url }) });
  folder = mkdtempSync(join(tmpdir(), "fanout-function-url-"));
  const functions = join(import.meta.dirname, "support/functions");
  bundleFunctions(serverEntry({ functions, agents: [agent] }, folder, undefined), folder);
  const secrets = new Hono().get("/secretsmanager/get", (c) =>
    c.req.query("secretId") === SECRET ? c.json({ SecretString: key }) : c.text("", 400),
  );
  extension = await serveOnLoopback(secrets);
  port = await getPort();
  environment = await startEnvironment();
});
afterAll(async () => {
  await end(environment);
  await extension?.stop();
  rmSync(folder, { recursive: true, force: true });
  await cluster?.stop();
});
beforeEach(() => {
  key = "a key for the ingress alone";
  cluster.gate.use(() => {});
});

/** Starts an execution environment with the bundle as the stack has made it. */
async function startEnvironment(bundles = folder, at = port): Promise<ChildProcess> {
  const program = join(import.meta.dirname, "support/function-url-program.ts");
  const child = fork(program, [join(bundles, SERVER_BUNDLE, "index.mjs"), String(at)], {
    env: {
      RESTATE_INGRESS_URL: cluster.restate.ingressUrl,
      RESTATE_INGRESS_KEY_SECRET: SECRET,
      PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: new URL(extension.url).port,
    },
  });
  await once(child, "message");
  return child;
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child) return;
  const died = once(child, "exit");
  child.kill("SIGKILL");
  await died;
}

// A function URL ends with a slash.
const clientOf = (token: string) =>
  connectToRoutes({ url: `http://127.0.0.1:${port}/`, token }).agent("TestAgent") as AgentClient<unknown>;

async function collect(
  events: AsyncIterable<{ position: number; event: unknown }>,
  onEvent: (event: PositionedEvent) => unknown = () => {},
): Promise<string[]> {
  const all: string[] = [];
  for await (const one of events as AsyncIterable<PositionedEvent>) {
    expect(one.position).toBe(all.length);
    all.push(brief(one.event));
    await onEvent(one);
  }
  return all;
}

test("a run is begun and answered, and each event reaches its reader while the run goes on", async () => {
  cluster.gate.use(closed);
  await cluster.use(replies(calls(gate("a")), answer("Done.")));
  const ann = clientOf("ann");
  const { id } = await ann.start("Go.", { events: "calls" });
  const all = await collect(ann.watch(id), ({ event }) => {
    // As long as the gate is closed this is the last one, so the run cannot end before its reader has seen it.
    if (brief(event) === "call-issued a") cluster.gate.open();
  });
  expect(all).toEqual([
    "run-began",
    "turn-began",
    "turn-ended",
    "call-issued a",
    "call-ended a ok",
    "turn-began",
    "turn-ended",
    "run-ended",
  ]);
  expect(await ann.result(id)).toMatchObject({ answer: "Done.", finishReason: "stop" });
});

test("a client of OpenAI's API reads an answer in pieces, and whole", async () => {
  await cluster.use(replies({ content: "I look.", ...calls(gate("a")) }, answer("Done.")));
  const { chat } = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: "ann" });
  const asked = { model: "TestAgent", messages: [{ role: "user" as const, content: "Go." }] };
  const stream = chat.completions.stream(asked);
  expect(await stream.finalContent()).toBe("I look.\n\nDone.");
  expect((await chat.completions.create(asked)).choices[0]?.message.content).toBe("Done.");
});

test("a reader does not notice that the environment was killed in the middle", async () => {
  cluster.gate.use(closed);
  await cluster.use(replies(calls(gate("a"), gate("b")), answer("Both.")));
  const ann = clientOf("ann");
  const { id } = await ann.start("Go.", { events: "calls" });
  const all = await collect(ann.watch(id), async ({ event }) => {
    if (brief(event) !== "call-issued b") return;
    await end(environment);
    environment = await startEnvironment();
    cluster.gate.open();
  });
  expect(all.slice(0, 5)).toEqual([
    "run-began",
    "turn-began",
    "turn-ended",
    "call-issued a",
    "call-issued b",
  ]);
  expect(all.slice(5, 7).sort()).toEqual(["call-ended a ok", "call-ended b ok"]);
  expect(all.slice(7)).toEqual(["turn-began", "turn-ended", "run-ended"]);
});

test("whoever is nobody, or somebody else, is refused, and nobody can cancel", async () => {
  await cluster.use(replies(answer("Ann's.")));
  const [ann, bob] = [clientOf("ann"), clientOf("bob")];
  const { id } = await ann.start("Go.", { events: "calls" });
  const refused = { code: "not-found", status: 404, message: "You have no such run." };
  await expect(bob.result(id)).rejects.toMatchObject(refused);
  await expect(collect(bob.watch(id))).rejects.toMatchObject(refused);
  await expect(clientOf("").start("Go.")).rejects.toMatchObject({ code: "unauthorized" });
  await expect(ann.cancel(id)).rejects.toMatchObject({ code: "unsupported", status: 501 });
  expect(await ann.result(id)).toMatchObject({ answer: "Ann's." });
});

test("a reader that has seen all of a run that is over is told so", async () => {
  await cluster.use(replies(answer("Done.")));
  const ann = clientOf("ann");
  const { id } = await ann.start("Go.", { events: "calls" });
  const all = await collect(ann.watch(id));
  const response = await fetch(`http://127.0.0.1:${port}/runs/${id}/events`, {
    headers: { authorization: "Bearer ann", "last-event-id": String(all.length - 1) },
  });
  expect([response.status, await response.text()]).toEqual([204, ""]);
});

test("another key is used at once, and ids that were given out with the old one are nobody's", async () => {
  await cluster.use(() => answer("Well.") as never);
  const ann = clientOf("ann");
  const { id } = await ann.start("Go.");
  expect(await ann.result(id)).toMatchObject({ answer: "Well." });
  key = "another key for the ingress";
  await expect(ann.result(id)).rejects.toMatchObject({ code: "not-found" });
  expect(await ann.run("Go.")).toMatchObject({ answer: "Well." });
});

describe("with an endpoint for MCP clients", () => {
  let bundles: string;
  let own: ChildProcess;
  let url: URL;
  beforeAll(async () => {
    bundles = join(folder, "mcp");
    const functions = join(import.meta.dirname, "support/mcp-functions");
    bundleFunctions(serverEntry({ functions, agents: [] }, bundles, undefined), bundles);
    const at = await getPort();
    own = await startEnvironment(bundles, at);
    url = new URL(`http://127.0.0.1:${at}/mcp`);
  });
  afterAll(() => end(own));

  test.each(["auto", "legacy"] as const)("a client calls a tool at /mcp (%s)", async (mode) => {
    const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
    const headers = { authorization: "Bearer a-token-for-all-of-the-tools" };
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
    try {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(["gate"]);
      const called = await client.callTool({ name: "gate", arguments: { id: "m" } });
      expect(called).toMatchObject({ structuredContent: { id: "m" } });
    } finally {
      await client.close();
    }
  });

  test("whoever shows no token is refused, there and at the routes", async () => {
    const headers = { "content-type": "application/json" };
    for (const path of ["/mcp", "/runs"]) {
      const response = await fetch(new URL(path, url), { method: "POST", headers, body: "{}" });
      expect(response.status).toBe(401);
    }
  });
});
