import { Hono } from "hono";
import { proxy } from "hono/proxy";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ApprovalAnswer, connect, type PositionedEvent, readEvents } from "../lib/client/index.ts";
import { serveOnLoopback } from "../lib/sandbox/index.ts";
import { asked } from "./support/approvals.ts";
import type { Cluster } from "./support/cluster.ts";
import { closed } from "./support/gate.ts";
import { answer, calls, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";
import { brief, watch } from "./support/watch.ts";

const gate = (id: string) => ({ id, name: "gate", input: { id } });

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startWarmCluster("v7");
});
afterAll(() => cluster?.stop());
beforeEach(() => cluster.gate.use(() => {}));

const here = () => ({ url: cluster.restate.ingressUrl });
const kill = (id: string) => fetch(`${cluster.restate.adminUrl}/invocations/${id}/kill`, { method: "PATCH" });

/** Reads to the end. @param onEvent sees each event as it comes. */
async function collect(
  events: AsyncIterable<PositionedEvent>,
  onEvent: (event: PositionedEvent) => unknown = () => {},
): Promise<PositionedEvent[]> {
  const all: PositionedEvent[] = [];
  for await (const one of events) {
    all.push(one);
    await onEvent(one);
  }
  return all;
}

test("a run's events come as they happen, once each, and from where one has stopped", async () => {
  const open = Promise.withResolvers<void>();
  cluster.gate.use((id) => (id === "b" ? open.promise : undefined));
  const id = await cluster.beginWith({ events: true }, calls(gate("a"), gate("b")), answer("Both."));
  const all = await collect(readEvents(here(), id), ({ event }) => {
    if (brief(event) === "call-ended a ok") open.resolve();
  });
  expect(all.map(({ event, position }) => ({ ...event, position }))).toEqual(await watch(cluster, id));
  expect(all.map(({ position }) => position)).toEqual(all.map((_, index) => index));
  expect(await collect(readEvents(here(), id, { after: 4 }))).toEqual(all.slice(4));
  expect(await collect(readEvents(here(), id, { after: all.length }))).toEqual([]);
});

test("a reader goes on where it was when the server dies in the middle", async () => {
  cluster.gate.use(closed);
  const id = await cluster.beginWith({ events: true }, calls(gate("a"), gate("b")), answer("Both."));
  const all = await collect(readEvents(here(), id), async ({ event }) => {
    if (brief(event) !== "call-issued b") return;
    await cluster.crashServer();
    cluster.gate.open();
  });
  expect(all.map(({ event, position }) => ({ ...event, position }))).toEqual(await watch(cluster, id));
});

test("a killed run has no last event, and its reader ends all the same", async () => {
  cluster.gate.use(closed);
  const id = await cluster.beginWith({ events: true }, calls(gate("a")), answer("Never."));
  const all = await collect(readEvents(here(), id), async ({ event }) => {
    if (event.type === "call-issued") await kill(id);
  });
  expect(all.map(({ event }) => brief(event)).at(-1)).toBe("call-issued a");
}, 90_000);

test.each(["inv_1", "inv_1gdJBtdVEcrh0xqmtROXDjJtkaS3h1Rg0b"])("there is no run %s", async (id) => {
  await expect(collect(readEvents(here(), id))).rejects.toMatchObject({
    code: "not-found",
    message: `There is no run "${id}" at ${cluster.restate.ingressUrl}.`,
  });
});

test("a signal ends the reading", async () => {
  cluster.gate.use(closed);
  const id = await cluster.beginWith({ events: true }, calls(gate("a")), answer("Late."));
  const stop = new AbortController();
  const reading = collect(readEvents(here(), id, { signal: stop.signal }), ({ event }) => {
    if (event.type === "call-issued") setTimeout(() => stop.abort(new Error("Enough.")));
  });
  await expect(reading).rejects.toThrow("Enough.");
  cluster.gate.open();
});

describe("connected to Restate", () => {
  const client = (options: object = {}) => connect({ ...here(), ...options }).agent("TestAgent");

  test("a run is begun, watched, and answers, however often it is asked", async () => {
    await cluster.use(replies(calls(gate("a")), answer("Done.")));
    const { id } = await client().start("Go.", { events: "calls" });
    const events = await collect(client().watch(id) as AsyncIterable<PositionedEvent>);
    expect(events.map(({ event }) => brief(event))).toContain("call-ended a ok");
    expect(await client().result(id)).toMatchObject({ answer: "Done." });
    expect(await client().result(id)).toMatchObject({ answer: "Done." });
    expect(await client().run("Go.")).toMatchObject({ answer: "Done.", turns: 2 });
  });

  test("the same key gets the same run; without one, each is a new one", async () => {
    await cluster.use(replies(answer("Once.")));
    const start = async (options: object) => (await client().start("Go.", options)).id;
    const [one, two] = [await start({ idempotencyKey: "k" }), await start({ idempotencyKey: "k" })];
    expect(two).toBe(one);
    expect(await start({})).not.toBe(await start({}));
  });

  test("a request whose answer is lost is repeated, and begins one run", async () => {
    await cluster.use(replies(answer("Once.")));
    const ids: unknown[] = [];
    const front = await serveOnLoopback(
      new Hono().post("/*", async (c) => {
        const response = await proxy(`${cluster.restate.ingressUrl}${c.req.path}`, c.req);
        ids.push(await response.clone().json());
        return ids.length === 1 ? c.text("", 503) : response;
      }),
    );
    const { id } = await client({ url: front.url }).start("Go.");
    await front.stop();
    expect(ids).toMatchObject([
      { invocationId: id, status: "Accepted" },
      { invocationId: id, status: "PreviouslyAccepted" },
    ]);
  });

  test("a result is waited for while the server dies and comes back", async () => {
    cluster.gate.use(closed);
    const id = await cluster.beginWith({}, calls(gate("a")), answer("Late."));
    const result = client().result(id);
    await expect.poll(() => cluster.gate.history).toContain("arrived a");
    await cluster.crashServer();
    cluster.gate.open();
    expect(await result).toMatchObject({ answer: "Late." });
  });

  test("a cancelled run says so; the ingress alone cannot cancel", async () => {
    cluster.gate.use(closed);
    const id = await cluster.beginWith({}, calls(gate("a")), answer("Never."));
    await expect(client().cancel(id)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("adminUrl"),
    });
    const { adminUrl } = cluster.restate;
    await expect.poll(() => cluster.gate.history).toContain("arrived a");
    await client({ adminUrl }).cancel(id);
    await expect(client().result(id)).rejects.toMatchObject({ code: "run-cancelled", status: 409 });
    await client({ adminUrl }).cancel(id);
    await expect(client({ adminUrl }).cancel("inv_1")).rejects.toMatchObject({ code: "not-found" });
    cluster.gate.open();
  });

  test("a run that fails throws its own words, with its code, even one that looks like a server's", async () => {
    await cluster.use(() => ({ error: { message: "No.", type: "x" }, status: 400 }));
    await expect(client().run("Go.")).rejects.toMatchObject({
      code: "run-failed",
      status: 502,
      message: expect.stringContaining("No."),
    });
    await expect(client().run("Go.", { model: "openai/none" })).rejects.toMatchObject({
      code: "run-failed",
      status: 400,
      message: expect.stringContaining("model"),
    });
  });

  test("what cannot be asked says why", async () => {
    const refusing = await serveOnLoopback(new Hono().all("/*", (c) => c.json({ message: "Who?" }, 401)));
    await expect(client({ url: refusing.url, token: "wrong" }).run("Go.")).rejects.toMatchObject({
      code: "unauthorized",
      message: `Restate's ingress at ${refusing.url} refused the token.`,
    });
    await refusing.stop();
    await expect(connect(here()).agent("Nobody").run("Go.")).rejects.toMatchObject({
      code: "not-found",
      message: `There is no agent "Nobody" at ${here().url}.`,
    });
    await expect(client().result("inv_1")).rejects.toMatchObject({ code: "not-found" });
  });

  test("resolves what a composite waits for, once", async () => {
    const waits = { id: "c", name: "composite", input: { ids: [], waits: [{ name: "payment" }] } };
    const id = await cluster.begin(calls(waits), answer("Paid."));
    const resolved = await client().resolve(id, "payment", { paid: 5 });
    expect(resolved.waiting).toBeLessThanOrEqual(1);
    expect(await client().resolve(id, "payment", { paid: 5 })).toEqual({ waiting: 0 });
    await expect(client().resolve(id, "payment", { paid: 6 })).rejects.toMatchObject({ code: "answered" });
    await expect(client().resolve(id, "no name", 1)).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringContaining("name: expected letters, digits"),
    });
    await expect(client().resolve("inv_1", "payment", 1)).rejects.toMatchObject({ code: "not-found" });
    expect(await client().result(id)).toMatchObject({ toolCalls: [{ status: "ok" }] });
  });

  describe("a run whose calls wait for an approval", () => {
    const guarded = (id: string) => ({ id, name: "guarded", input: { id, amount: 1 } });

    test("lists them, and goes on as they are answered, however often", async () => {
      const id = await cluster.begin(calls(guarded("a"), guarded("b")), answer("Done."));
      await asked(cluster, id, 2);
      const open = await client().approvals(id);
      expect(open.map(({ call }) => call).sort()).toEqual(["a", "b"]);
      const { approval, ...a } = open.find(({ call }) => call === "a") as (typeof open)[number];
      expect(a).toMatchObject({ part: false, tool: "guarded", input: { id: "a", amount: 1 } });
      expect(a.schema).toMatchObject({ type: "object", properties: { amount: { type: "integer" } } });
      expect(a.expiresAt - a.askedAt).toBe(86_400_000);
      const input = { id: "a", amount: 5 };
      const given = await client().answer(id, approval, { approve: true, input, by: "ann" });
      expect(given).toMatchObject({ decision: "approved", by: "ann", input });
      expect(await client().answer(id, approval, { approve: true, input, by: "bob" })).toEqual(given);
      const [b] = await client().approvals(id);
      await client().answer(id, b?.approval ?? "", { approve: false, reason: "No." });
      expect(await client().result(id)).toMatchObject({
        toolCalls: [{ status: "ok" }, { status: "denied", approval: { reason: "No." } }],
      });
      expect(await client().approvals(id)).toEqual([]);
      expect(await client().answer(id, approval, { approve: true })).toEqual(given);
    });

    test("says what is wrong with an answer", async () => {
      const id = await cluster.begin(calls(guarded("a"), guarded("b")), answer("Done."));
      const open = await asked(cluster, id, 2);
      const [a = "", b = ""] = [open.get("a")?.id, open.get("b")?.id];
      await client().answer(id, a, { approve: true });
      const codeOf = (approval: string, said: ApprovalAnswer) => client().answer(id, approval, said);
      await expect(codeOf(a, { approve: false })).rejects.toMatchObject({
        code: "answered",
        status: 409,
        message: expect.stringContaining("It was approved already"),
      });
      await expect(codeOf("ap_none", { approve: true })).rejects.toMatchObject({
        code: "not-found",
        message: expect.stringContaining(`Open ones: ${b}.`),
      });
      await expect(codeOf(b, { approve: true, input: { id: "b", amount: "x" } })).rejects.toMatchObject({
        code: "bad-request",
        message: 'input: amount: expected number, got "x"',
      });
      await expect(client().approvals("inv_1")).rejects.toMatchObject({ code: "not-found" });
      await expect(client().answer("inv_1", a, { approve: true })).rejects.toMatchObject({
        code: "not-found",
      });
      await client().answer(id, b, { approve: false });
    });

    test("of one that was killed nobody is asked any more, though its questions are left", async () => {
      const id = await cluster.begin(calls(guarded("a")), answer("Never."));
      const open = await asked(cluster, id, 1);
      await kill(id);
      await expect.poll(() => client().approvals(id)).toEqual([]);
      await expect(client().answer(id, open.get("a")?.id ?? "", { approve: true })).rejects.toMatchObject({
        code: "answered",
        message: "Nobody waits for this approval any more: the run is over.",
      });
    });
  });

  test("a signal ends the waiting, and the run goes on", async () => {
    cluster.gate.use(closed);
    const id = await cluster.beginWith({}, calls(gate("a")), answer("Late."));
    await expect(client().result(id, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    cluster.gate.open();
    expect(await client().result(id)).toMatchObject({ answer: "Late." });
  });
});
