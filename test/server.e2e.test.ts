import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import getPort from "get-port";
import { Hono } from "hono";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type AgentClient,
  type ApprovalOf,
  connectToRoutes,
  type PositionedEvent,
} from "../lib/client/index.ts";
import { type Loopback, serveOnLoopback } from "../lib/sandbox/loopback.ts";
import { type AnswerRequest, createRoutes, type RoutesOptions } from "../lib/server/index.ts";
import { asked, openIn } from "./support/approvals.ts";
import type { Cluster } from "./support/cluster.ts";
import { closed } from "./support/gate.ts";
import { answer, calls, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";
import { brief } from "./support/watch.ts";

const gate = (id: string) => ({ id, name: "gate", input: { id } });

let cluster: Cluster;
const servers: Loopback[] = [];
beforeAll(async () => {
  cluster = await startWarmCluster("v7");
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  await cluster?.stop();
});
beforeEach(() => cluster.gate.use(() => {}));

/** The bearer token is the subject. */
const byToken = (request: Request) => request.headers.get("authorization")?.replace("Bearer ", "");

async function serveRoutes(options: Partial<RoutesOptions> = {}): Promise<string> {
  const { ingressUrl, adminUrl } = cluster.restate;
  const app = createRoutes({
    restate: { ingressUrl, adminUrl },
    agents: [{ name: "TestAgent" }],
    authorize: byToken,
    secret: "the same on every server",
    ...options,
  });
  const server = await serveOnLoopback(app);
  servers.push(server);
  return server.url;
}

const clientOf = (url: string, token: string): AgentClient<unknown> =>
  connectToRoutes({ url, token }).agent("TestAgent") as AgentClient<unknown>;

async function collect(
  events: AsyncIterable<PositionedEvent | { position: number; event: unknown }>,
  onEvent: (event: PositionedEvent) => unknown = () => {},
): Promise<PositionedEvent[]> {
  const all: PositionedEvent[] = [];
  for await (const one of events as AsyncIterable<PositionedEvent>) {
    all.push(one);
    await onEvent(one);
  }
  return all;
}

const get = (url: string, path: string, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, { headers: { authorization: "Bearer ann", ...headers } });
const post = (url: string, path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer ann", ...headers },
    body,
  });
const question = JSON.stringify({ agent: "TestAgent", message: "Go.", events: "calls" });

describe("through the routes", () => {
  let url: string;
  beforeAll(async () => {
    url = await serveRoutes();
  });

  test("a run is begun, watched and answered, and resumed from any event", async () => {
    await cluster.use(replies(calls(gate("a")), answer("Done.")));
    const ann = clientOf(url, "ann");
    const { id } = await ann.start("Go.", { events: "calls" });
    const all = await collect(ann.watch(id));
    expect(all.map(({ event }) => brief(event))).toContain("call-ended a ok");
    expect(all.at(-1)?.event).toMatchObject({ type: "run-ended", answer: "Done." });
    expect(await collect(ann.watch(id, { after: 3 }))).toEqual(all.slice(3));
    expect(await ann.result(id)).toMatchObject({ answer: "Done.", finishReason: "stop" });
    const over = await get(url, `/runs/${id}/events`, { "last-event-id": String(all.length - 1) });
    expect(over.status).toBe(204);
  });

  test("a run is cancelled, and its result says so", async () => {
    cluster.gate.use(closed);
    await cluster.use(replies(calls(gate("a")), answer("Never.")));
    const ann = clientOf(url, "ann");
    const { id } = await ann.start("Go.", { events: "calls" });
    const all = await collect(ann.watch(id), async ({ event }) => {
      if (event.type === "call-issued") await ann.cancel(id);
    });
    expect(all.at(-1)?.event.type).toBe("run-cancelled");
    await expect(ann.result(id)).rejects.toMatchObject({ code: "run-cancelled", status: 409 });
    cluster.gate.open();
  });

  test("a server without Restate's admin API says at once that it cannot cancel", async () => {
    const { ingressUrl } = cluster.restate;
    const ann = clientOf(await serveRoutes({ restate: { ingressUrl } }), "ann");
    await cluster.use(replies(answer("Done.")));
    const { id } = await ann.start("Go.");
    await expect(ann.cancel(id)).rejects.toMatchObject({ code: "unsupported", status: 501 });
    expect(await ann.result(id)).toMatchObject({ answer: "Done." });
  });

  test("another subject's run is not there, whatever is done with it", async () => {
    const id = await cluster.beginWith({ events: true }, answer("Ann's."));
    const response = await post(url, "/runs", question);
    const { id: own } = (await response.json()) as { id: string };
    const bob = clientOf(url, "bob");
    for (const foreign of [own, id, `${id}.AAAA`, "x"]) {
      const refused = { code: "not-found", status: 404, message: "You have no such run." };
      await expect(bob.result(foreign)).rejects.toMatchObject(refused);
      await expect(bob.cancel(foreign)).rejects.toMatchObject(refused);
      await expect(collect(bob.watch(foreign))).rejects.toMatchObject(refused);
    }
    expect((await get(url, `/runs/${own}`)).status).toBe(200);
  });

  test("the same key gets a subject the same run, and nobody else's", async () => {
    await cluster.use(() => answer("Once.") as never);
    const begin = async (user: string) => {
      const headers = { "idempotency-key": "k", authorization: `Bearer ${user}` };
      return ((await (await post(url, "/runs", question, headers)).json()) as { id: string }).id;
    };
    const [one, again, other] = [await begin("ann"), await begin("ann"), await begin("bob")];
    expect(again).toBe(one);
    expect(other.split(".")[0]).not.toBe(one.split(".")[0]);
  });

  test.each([
    ["an unknown agent", { agent: "get_weather", message: "x" }, "agent"],
    ["an unknown option", { agent: "TestAgent", message: "x", handler: "call" }, "handler"],
    ["no message", { agent: "TestAgent" }, "message"],
  ])("%s is refused with what was expected", async (_, body, word) => {
    const response = await post(url, "/runs", JSON.stringify(body));
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ code: "bad-request", message: expect.stringContaining(word) });
  });

  test("what a page may send anywhere without asking begins nothing", async () => {
    for (const path of [
      "/runs",
      "/runs/x/cancel",
      "/runs/x/approvals/ap_1",
      "/runs/x/promises/p",
      "/approvals/x",
    ]) {
      const response = await fetch(`${url}${path}`, {
        method: "POST",
        headers: { authorization: "Bearer ann" },
      });
      expect(response.status).toBe(415);
    }
  });
});

test("nobody may do anything until somebody has said who may", async () => {
  const url = await serveRoutes({ authorize: undefined });
  for (const response of [
    await post(url, "/runs", question),
    await get(url, "/runs/x"),
    await get(url, "/runs/x/events"),
    await post(url, "/runs/x/cancel", "{}"),
    await get(url, "/runs/x/approvals"),
    await post(url, "/runs/x/approvals/ap_1", "{}"),
    await post(url, "/runs/x/promises/p", "{}"),
    await get(url, "/approvals/x"),
    await post(url, "/approvals/x", "{}"),
  ]) {
    expect(response.status).toBe(401);
    expect(JSON.stringify(await response.json())).toContain("`authorize`");
  }
  const closedUrl = await serveRoutes({ authorize: () => undefined });
  await expect(clientOf(closedUrl, "ann").run("Go.")).rejects.toMatchObject({
    code: "unauthorized",
    message: "You are not signed in.",
  });
});

describe("a run whose calls wait for an approval", () => {
  const guarded = (id: string) => ({ id, name: "guarded", input: { id, amount: 1 } });

  /** Begins Ann's run with calls that wait. @returns its id, what is open, and the run's id of its own. */
  async function begin(url: string, ...ids: string[]) {
    await cluster.use(replies(calls(...ids.map(guarded)), answer("Done.")));
    const { id } = await clientOf(url, "ann").start("Go.", { events: "calls" });
    const run = id.split(".")[0] ?? "";
    await asked(cluster, run, ids.length);
    const open = await clientOf(url, "ann").approvals(id);
    const of = (call: string) => open.find((one) => one.call === call) as ApprovalOf<unknown>;
    return { id, run, of };
  }
  const yes = JSON.stringify({ approve: true });
  const bob = { authorization: "Bearer bob" };

  test("is answered by its own subject, whoever the client says it is", async () => {
    const url = await serveRoutes();
    const { id, of } = await begin(url, "a", "b");
    const ann = clientOf(url, "ann");
    expect(of("a")).toEqual({
      approval: expect.stringMatching(/^ap_/),
      call: "a",
      part: false,
      tool: "guarded",
      input: { id: "a", amount: 1 },
      schema: expect.anything(),
      askedAt: expect.any(Number),
      expiresAt: expect.any(Number),
    });
    const given = await ann.answer(id, of("a").approval, { approve: true, by: "the boss" });
    expect(given).toMatchObject({ decision: "approved", by: "ann" });
    expect(await ann.answer(id, of("a").approval, { approve: true })).toEqual(given);
    await expect(ann.answer(id, of("a").approval, { approve: false })).rejects.toMatchObject({
      code: "answered",
      message: expect.stringContaining("It was approved already by ann"),
    });
    const misfit = { approve: true, input: { id: "b", amount: "x" } };
    await expect(ann.answer(id, of("b").approval, misfit)).rejects.toMatchObject({
      code: "bad-request",
      message: 'input: amount: expected number, got "x"',
    });
    await expect(ann.answer(id, "ap_none", { approve: true })).rejects.toMatchObject({
      code: "not-found",
      message: "There is no such approval.",
    });
    await ann.answer(id, of("b").approval, { approve: false, reason: "No." });
    expect(await ann.result(id)).toMatchObject({
      toolCalls: [{ status: "ok" }, { status: "denied", approval: { by: "ann", reason: "No." } }],
    });
    expect(await ann.approvals(id)).toEqual([]);
  });

  test("is nobody else's to see or to answer, also by what a link would be", async () => {
    const url = await serveRoutes();
    const allowing = await serveRoutes({ mayAnswer: () => true });
    const { id, run, of } = await begin(url, "a");
    const { approval } = of("a");
    const [withLink] = await clientOf(allowing, "ann").approvals(id);
    for (const [method, path] of [
      ["GET", `/runs/${id}/approvals`],
      ["POST", `/runs/${id}/approvals/${approval}`],
      ["GET", `/runs/${run}/approvals`],
      ["POST", `/runs/${run}/approvals/${approval}`],
      ["GET", `/approvals/${withLink?.link}`],
      ["POST", `/approvals/${withLink?.link}`],
    ]) {
      const response =
        method === "GET" ? await get(url, path ?? "", bob) : await post(url, path ?? "", yes, bob);
      expect([path, response.status]).toEqual([path, 404]);
    }
    expect(await openIn(cluster, run)).toHaveLength(1);
    await clientOf(url, "ann").answer(id, approval, { approve: false });
  });

  test.each([
    ["no JSON", "yes", "Expected a body of JSON."],
    ["no answer", "{}", "approve"],
    ["a name", JSON.stringify({ approve: true, by: "bob" }), "by"],
    ["a long reason", JSON.stringify({ approve: true, reason: "x".repeat(2001) }), "reason"],
  ])("refuses %s", async (_, body, word) => {
    const url = await serveRoutes();
    const { id, of } = await begin(url, "a");
    const response = await post(url, `/runs/${id}/approvals/${of("a").approval}`, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ code: "bad-request", message: expect.stringContaining(word) });
    await clientOf(url, "ann").answer(id, of("a").approval, { approve: false });
  });

  test("with the four-eyes principle, is answered by somebody else, who sees the question only", async () => {
    const seen: AnswerRequest[] = [];
    const url = await serveRoutes({
      mayAnswer(_, asked) {
        seen.push(asked);
        return asked.subject !== asked.owner && asked.subject !== "eve";
      },
      bounds: { bodyBytes: 1000 },
    });
    const { id, run, of } = await begin(url, "a");
    const { approval, link, ...question } = of("a");
    const refused = { code: "unauthorized", message: "You may not answer this." };
    await expect(clientOf(url, "ann").answer(id, approval, { approve: true })).rejects.toMatchObject(refused);
    for (const user of ["ann", "eve"])
      for (const response of [
        await get(url, `/approvals/${link}`, { authorization: `Bearer ${user}` }),
        await post(url, `/approvals/${link}`, yes, { authorization: `Bearer ${user}` }),
      ]) {
        expect(response.status).toBe(403);
        expect(await response.json()).toEqual(refused);
      }
    expect(await (await get(url, `/approvals/${link}`, bob)).json()).toEqual({ approval, ...question });
    for (const path of [`/runs/${id}`, `/runs/${run}/approvals`, `/runs/${link}`, `/runs/${link}/events`])
      expect((await get(url, path, bob)).status).toBe(404);
    expect((await post(url, `/approvals/${link}`, `{"reason":"${"x".repeat(1000)}"}`, bob)).status).toBe(413);
    const forged = Buffer.from(JSON.stringify(["bob", run, approval])).toString("base64url");
    for (const other of [forged, `${forged}.${link?.split(".")[1]}`, `${link}x`, "x"])
      expect((await post(url, `/approvals/${other}`, yes, { authorization: "Bearer ann" })).status).toBe(404);
    expect(await openIn(cluster, run)).toHaveLength(1);
    expect(await (await post(url, `/approvals/${link}`, yes, bob)).json()).toMatchObject({
      decision: "approved",
      by: "bob",
    });
    expect((await get(url, `/approvals/${link}`, bob)).status).toBe(409);
    expect(seen.at(-2)).toEqual({
      subject: "bob",
      owner: "ann",
      run,
      approval,
      tool: "guarded",
      input: { id: "a", amount: 1 },
      answer: { approve: true },
    });
    expect(await clientOf(url, "ann").result(id)).toMatchObject({ toolCalls: [{ status: "ok" }] });
  });
});

test("bodies, rates and open streams are bounded", async () => {
  cluster.gate.use(closed);
  await cluster.use(replies(calls(gate("a")), answer("Late.")));
  const url = await serveRoutes({
    bounds: { bodyBytes: 1000, runsPerMinute: 2, streamsPerSubject: 1, requestsPerMinute: 20 },
  });
  expect((await post(url, "/runs", JSON.stringify({ message: "x".repeat(1000) }))).status).toBe(413);
  const begun = await post(url, "/runs", question);
  const { id } = (await begun.json()) as { id: string };
  const third = await post(url, "/runs", question);
  expect([third.status, Number(third.headers.get("retry-after"))]).toEqual([429, expect.any(Number)]);
  expect((await post(url, "/runs", question, { authorization: "Bearer bob" })).status).toBe(202);

  const open = await get(url, `/runs/${id}/events`);
  expect(open.status).toBe(200);
  expect((await get(url, `/runs/${id}/events`)).status).toBe(429);
  await open.body?.cancel();
  await expect.poll(async () => (await get(url, `/runs/${id}/events`)).status).toBe(200);
  cluster.gate.open();
});

test("a stream ends after its time without saying that the run is over, and goes on where it was", async () => {
  cluster.gate.use(closed);
  await cluster.use(replies(calls(gate("a")), answer("Done.")));
  const url = await serveRoutes({ bounds: { streamSeconds: 1, streamsPerSubject: 1 } });
  const ann = clientOf(url, "ann");
  const { id } = await ann.start("Go.", { events: "calls" });
  const first = await (await get(url, `/runs/${id}/events`)).text();
  expect(first).toContain("retry:");
  expect(first).not.toContain("event: over");
  cluster.gate.open();
  const all = await collect(ann.watch(id));
  expect(all.map(({ position }) => position)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test("a refused token of the server is the operator's to know, not the user's", async () => {
  const errors: unknown[] = [];
  const ingress = await serveOnLoopback(
    new Hono().all("/*", (c) => c.json({ message: "Key key_1 is revoked." }, 401)),
  );
  servers.push(ingress);
  const url = await serveRoutes({
    restate: { ingressUrl: ingress.url, token: "key_1" },
    onError: (error) => errors.push(error),
  });
  const response = await post(url, "/runs", question);
  expect(response.status).toBe(502);
  const body = await response.text();
  expect(body).not.toMatch(/key_1|127\.0\.0\.1|token/);
  expect(String(errors)).toContain(`Restate's ingress at ${ingress.url} refused the token.`);
});

describe("200 readers of 20 runs", () => {
  const RUNS = 20;
  const READERS = 10;

  test("each gets every event, and they cost the topic no more than one reader of each run", async () => {
    const open = Promise.withResolvers<void>();
    cluster.gate.use(() => open.promise);
    await cluster.use(replies(calls(gate("a")), answer("Done.")));
    const url = await serveRoutes({
      bounds: { streamsPerSubject: RUNS * READERS, runsPerMinute: RUNS, requestsPerMinute: 1000 },
    });
    const ann = clientOf(url, "ann");
    const started = await Promise.all(
      Array.from({ length: RUNS }, () => ann.start("Go.", { events: "calls" })),
    );
    let waiting = 0;
    const reading = started.flatMap(({ id }) =>
      Array.from({ length: READERS }, () =>
        collect(ann.watch(id), ({ event }) => {
          if (event.type === "call-issued" && ++waiting === RUNS * READERS) open.resolve();
        }),
      ),
    );
    const all = await Promise.all(reading);
    for (const events of all) {
      expect(events.map(({ event }) => brief(event))).toEqual([
        "run-began",
        "turn-began",
        "turn-ended",
        "call-issued a",
        "call-ended a ok",
        "turn-began",
        "turn-ended",
        "run-ended",
      ]);
    }
    // A run tells something four times. Each time, the server reads it once for all who watch.
    expect(cluster.invocations("RunEvents")).toBeLessThanOrEqual(RUNS * (4 + 5));
  }, 120_000);
});

test("readers do not notice that the server was killed in the middle", async () => {
  const port = await getPort();
  const { ingressUrl, adminUrl } = cluster.restate;
  const start = async (): Promise<ChildProcess> => {
    const child = fork(join(import.meta.dirname, "support/routes-program.ts"), [
      String(port),
      ingressUrl,
      adminUrl,
    ]);
    await once(child, "message");
    return child;
  };
  let server = await start();
  try {
    cluster.gate.use(closed);
    await cluster.use(replies(calls(gate("a"), gate("b")), answer("Both.")));
    const ann = clientOf(`http://127.0.0.1:${port}`, "ann");
    const { id } = await ann.start("Go.", { events: "calls" });
    const output = ann.result(id);
    const all = await collect(ann.watch(id), async ({ event }) => {
      if (brief(event) !== "call-issued b") return;
      const died = once(server, "exit");
      server.kill("SIGKILL");
      await died;
      server = await start();
      cluster.gate.open();
    });
    expect(all.map(({ position }) => position)).toEqual(all.map((_, index) => index));
    const after = all.map(({ event }) => brief(event)).slice(-5);
    expect(after.slice(0, 2).sort()).toEqual(["call-ended a ok", "call-ended b ok"]);
    expect(after.slice(2)).toEqual(["turn-began", "turn-ended", "run-ended"]);
    expect(await output).toMatchObject({ answer: "Both." });
  } finally {
    server.kill("SIGKILL");
  }
});
