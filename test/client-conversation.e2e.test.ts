import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { proxy } from "hono/proxy";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type AgentClient,
  type Client,
  type ConversationClient,
  connect,
  connectToRoutes,
} from "../lib/client/index.ts";
import { type Loopback, serveOnLoopback } from "../lib/sandbox/index.ts";
import { createRoutes, type RoutesOptions } from "../lib/server/index.ts";
import type { Cluster } from "./support/cluster.ts";
import { answer, calls, oneByOne } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const gate = (id: string) => ({ id, name: "gate", input: { id } });

let cluster: Cluster;
let routes: string;
const servers: Loopback[] = [];
beforeAll(async () => {
  cluster = await startWarmCluster("v7");
  routes = await serveRoutes();
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await cluster?.stop();
});
beforeEach(() => cluster.gate.use((id) => `told ${id}`));

async function serve(app: Pick<Hono, "fetch">): Promise<string> {
  const server = await serveOnLoopback(app as Hono);
  servers.push(server);
  return server.url;
}

/** The bearer token is the subject. */
function serveRoutes(options: Partial<RoutesOptions> = {}): Promise<string> {
  const { ingressUrl, adminUrl } = cluster.restate;
  const authorize = (request: Request) => request.headers.get("authorization")?.replace("Bearer ", "");
  const agents = [{ name: "TestAgent" }];
  const secret = "the same on every server";
  return serve(createRoutes({ restate: { ingressUrl, adminUrl }, agents, authorize, secret, ...options }));
}

const WAYS = {
  ingress: (url = cluster.restate.ingressUrl): Client => connect({ url }),
  routes: (url = routes): Client => connectToRoutes({ url, token: "ann" }),
};

describe.each(["ingress", "routes"] as const)("a conversation by way of the %s", (way) => {
  let agent: AgentClient<unknown>;
  let talk: ConversationClient<unknown>;
  beforeAll(() => {
    agent = WAYS[way]().agent("TestAgent") as AgentClient<unknown>;
  });
  beforeEach(() => {
    // Whatever is in an id, it is one part of a path.
    talk = agent.conversation(`/${randomUUID()}?%é`);
  });
  const say = async (message: string) => agent.result((await talk.send(message)).id);

  test("knows what was said, and each message's run is one like any other", async () => {
    await cluster.use(oneByOne(calls(gate("a")), answer("It is a."), answer("It was a.")));
    const { id } = await talk.send("What is it?", { events: "calls" });
    const told: string[] = [];
    for await (const { event } of agent.watch(id)) told.push((event as { type: string }).type);
    expect(told).toContain("call-ended");
    expect(told.at(-1)).toBe("run-ended");
    expect(await agent.result(id)).toMatchObject({ answer: "It is a.", turns: 2 });
    expect(await say("What was it?")).toMatchObject({ answer: "It was a." });
    const { messages, running, older } = await talk.history();
    expect([running, older]).toEqual([undefined, undefined]);
    expect(messages).toMatchObject([
      { role: "user", text: "What is it?", run: id },
      { role: "assistant", calls: [{ id: "a", tool: "gate", input: { id: "a" } }] },
      { role: "tool", results: [{ id: "a", output: { told: "told a" } }] },
      { role: "assistant", text: "It is a." },
      { role: "user", text: "What was it?" },
      { role: "assistant", text: "It was a." },
    ]);
    await expect(talk.history({ page: 3 })).rejects.toMatchObject({ code: "not-found", status: 404 });
  });

  test("the run in progress is named, interrupted, and the message goes on from there", async () => {
    cluster.gate.use(() => new Promise(() => {}));
    await cluster.use(oneByOne(calls(gate("a")), calls(gate("b")), answer("Enough.")));
    expect(await talk.interrupt()).toBeNull();
    const first = await talk.send("One.");
    await expect.poll(() => cluster.gate.history).toContain("arrived a");
    expect((await talk.history()).running).toBe(first.id);
    expect(await talk.interrupt()).toBe(first.id);
    await expect(agent.result(first.id)).rejects.toMatchObject({ code: "run-cancelled" });
    const second = await talk.send("Two.");
    await expect.poll(() => cluster.gate.history).toContain("arrived b");
    const third = await talk.send("Three.", { interrupt: true });
    await expect(agent.result(second.id)).rejects.toMatchObject({ code: "run-cancelled" });
    expect(await agent.result(third.id)).toMatchObject({ answer: "Enough." });
    cluster.gate.open();
  });

  test("is copied into a new one only, and forgotten", async () => {
    await cluster.use(() => answer("Yes.") as never);
    await say("One.");
    const copy = await talk.fork(randomUUID());
    await expect(talk.fork(copy.id)).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringContaining("to: expected a new conversation"),
    });
    await talk.reset();
    expect(await talk.history()).toEqual({ messages: [] });
    expect((await copy.history()).messages).toMatchObject([{ text: "One." }, { text: "Yes." }]);
  });

  test("requests whose answers are lost are repeated, and nothing is done twice", async () => {
    await cluster.use(oneByOne(calls(gate("a")), answer("Once."), answer("Never.")));
    const open = Promise.withResolvers<void>();
    cluster.gate.use(() => open.promise);
    const seen = new Set<string>();
    const front = await serve(
      new Hono().all("/*", async (c) => {
        const { pathname, search } = new URL(c.req.url);
        const response = await proxy(
          `${way === "ingress" ? cluster.restate.ingressUrl : routes}${pathname}${search}`,
          c.req,
        );
        const what = `${c.req.method} ${pathname}`;
        if (c.req.method !== "POST" || seen.has(what)) return response;
        seen.add(what);
        await response.text();
        return c.text("", 503);
      }),
    );
    const lossy = (WAYS[way](front).agent("TestAgent") as AgentClient<unknown>).conversation(talk.id);
    const { id } = await lossy.send("Go.", { interrupt: true });
    await expect.poll(() => cluster.gate.history).toContain("arrived a");
    open.resolve();
    expect(await agent.result(id)).toMatchObject({ answer: "Once." });
    const to = randomUUID();
    await lossy.fork(to);
    expect((await agent.conversation(to).history()).messages.length).toBe(4);
    expect(cluster.modelRequests).toHaveLength(2);
  });

  test("the same key is the same message", async () => {
    await cluster.use(oneByOne(answer("Once."), answer("Never.")));
    const one = await talk.send("Go.", { idempotencyKey: "k" });
    expect(await talk.send("Go.", { idempotencyKey: "k" })).toEqual(one);
    await agent.result(one.id);
    expect((await talk.history()).messages).toHaveLength(2);
  });

  test("a message takes files, and says what is wrong with one", async () => {
    await cluster.use(() => answer("Seen.") as never);
    const data = Buffer.from("a picture").toString("base64");
    const { id } = await talk.send("What is it?", { attachments: [{ data, mediaType: "image/png" }] });
    expect(await agent.result(id)).toMatchObject({ answer: "Seen." });
    const { messages } = await talk.history();
    expect(messages[0]).toMatchObject({ attachments: [{ data, mediaType: "image/png" }] });
    const bad = await talk.send("And this?", { attachments: [{ url: "http://example.com/a.png" }] });
    await expect(agent.result(bad.id)).rejects.toMatchObject({
      code: "run-failed",
      status: 400,
      message: expect.stringContaining("https"),
    });
  });
});

test("an agent without conversations is not there", async () => {
  const talk = connect({ url: cluster.restate.ingressUrl }).agent("NoAgent").conversation("c");
  const refused = {
    code: "not-found",
    message: expect.stringContaining('no agent "NoAgent" with conversations'),
  };
  await expect(talk.send("Hi.")).rejects.toMatchObject(refused);
  await expect(talk.history()).rejects.toMatchObject(refused);
});

describe("through the routes", () => {
  const of = (user: string, url = routes) =>
    connectToRoutes({ url, token: user }).agent("TestAgent") as AgentClient<unknown>;

  test("the same id is another conversation for another subject, and for a server with another secret", async () => {
    await cluster.use(() => answer("Yes.") as never);
    const id = randomUUID();
    const talk = of("ann").conversation(id);
    const { id: run } = await talk.send("Ann's.");
    await of("ann").result(run);
    const other = await serveRoutes({ secret: "that of another server" });
    for (const stranger of [of("bob"), of("ann", other)]) {
      expect(await stranger.conversation(id).history()).toEqual({ messages: [] });
      expect(await stranger.conversation(id).interrupt()).toBeNull();
      await expect(stranger.result(run)).rejects.toMatchObject({ code: "not-found" });
    }
    const raw = connect({ url: cluster.restate.ingressUrl }).agent("TestAgent");
    for (const key of [id, `ann/${id}`])
      expect(await raw.conversation(key).history()).toEqual({ messages: [] });
    await of("bob").conversation(id).reset();
    expect((await talk.history()).messages).toHaveLength(2);
  });

  test("conversations outlive the token where there is no secret", async () => {
    await cluster.use(() => answer("Yes.") as never);
    const { ingressUrl } = cluster.restate;
    const with_ = (token: string) => serveRoutes({ secret: undefined, restate: { ingressUrl, token } });
    const id = randomUUID();
    const before = of("ann", await with_("one"));
    await before.result((await before.conversation(id).send("Hi.")).id);
    expect(
      (
        await of("ann", await with_("two"))
          .conversation(id)
          .history()
      ).messages,
    ).toHaveLength(2);
  });

  const ask = (path: string, method: string, body?: unknown) =>
    fetch(`${routes}/conversations/${path}`, {
      method,
      headers: { authorization: "Bearer ann", "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  test.each([
    [
      "a conversation of an agent that is not offered",
      "POST",
      "c",
      { agent: "Other", message: "x" },
      "agent",
    ],
    ["a history of one", "GET", "c?agent=Other", undefined, "agent"],
    ["a history of none", "GET", "c", undefined, "agent"],
    ["a page that is no number", "GET", "c?agent=TestAgent&page=x", undefined, "page"],
    ["an id with a space", "GET", "a%20b?agent=TestAgent", undefined, "id: expected 1 to 200"],
    ["a history of one's own", "POST", "c", { agent: "TestAgent", message: "x", messages: [] }, "messages"],
    ["a reset of an agent that is not offered", "POST", "c/reset", { agent: "Other" }, "agent"],
    ["an interruption of one", "POST", "c/interrupt", { agent: "Other" }, "agent"],
    [
      "a copy into an id with a space",
      "POST",
      "c/fork",
      { agent: "TestAgent", to: "a b" },
      "to: expected 1 to 200",
    ],
  ])("%s is refused", async (_, method, path, body, word) => {
    const response = await ask(path, method, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ code: "bad-request", message: expect.stringContaining(word) });
  });

  test("what a page may send anywhere without asking does nothing", async () => {
    for (const path of ["c", "c/interrupt", "c/reset", "c/fork"]) {
      const response = await fetch(`${routes}/conversations/${path}`, {
        method: "POST",
        headers: { authorization: "Bearer ann" },
      });
      expect(response.status).toBe(415);
    }
  });
});
