import { createPubsubClient } from "@restatedev/pubsub-client";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RunEvent } from "../lib/events/index.ts";
import type { Cluster } from "./support/cluster.ts";
import { closed } from "./support/gate.ts";
import { DISTINCT_MODES } from "./support/modes.ts";
import { answer, calls, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";
import { brief, pull, watch } from "./support/watch.ts";

const gate = (id: string) => ({ id, name: "gate", input: { id } });
const child = (id: string) => ({ id, name: "StructuredAgent", input: { message: `Look ${id} up.` } });

describe.each(DISTINCT_MODES)("on %s", (mode) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster(mode);
  });
  afterAll(() => cluster?.stop());
  beforeEach(() => cluster.gate.use(() => {}));

  test("every call's end is told while its siblings still run", async () => {
    const open = Promise.withResolvers<void>();
    cluster.gate.use((id) => (id === "b" ? open.promise : undefined));
    const id = await cluster.beginWith({ events: true }, calls(gate("a"), gate("b")), answer("Both."));
    const events = await watch(cluster, id, (event) => {
      if (brief(event) === "call-ended a ok") open.resolve();
    });
    expect(events.map(brief)).toEqual([
      "run-began",
      "turn-began",
      "turn-ended",
      "call-issued a",
      "call-issued b",
      "call-ended a ok",
      "call-ended b ok",
      "turn-began",
      "turn-ended",
      "run-ended",
    ]);
    expect(events[0]).toMatchObject({ agent: "TestAgent", model: "openai/scripted", message: "Go." });
    expect(events[3]).toMatchObject({ tool: "gate", input: { id: "a" } });
    expect(events[5]).toMatchObject({ tool: "gate", output: { id: "a" }, attempts: 1, truncated: false });
    expect(events.at(-1)).toMatchObject({ answer: "Both.", finishReason: "stop", turns: 2, toolCalls: 2 });
    const times = events.map(({ at }) => at);
    expect(times.toSorted()).toEqual(times);
  });

  test("whatever becomes of a call is told once", async () => {
    cluster.gate.use((id) => (id === "stuck" ? closed(id) : undefined));
    const id = await cluster.beginWith(
      { events: "calls" },
      calls(
        gate("ok"),
        { id: "same", name: "gate", input: { id: "ok" } },
        { id: "late", name: "slow", input: { id: "stuck" } },
        { id: "failed", name: "fails", input: { how: "for-good" } },
        { id: "wrong", name: "gate", input: { id: 5 } },
        { id: "unknown", name: "no_such_tool", input: {} },
        { id: "write", name: "record", input: { id: "w" } },
      ),
      answer("Done."),
    );
    const events = await watch(cluster, id);
    const ends = events.filter(({ type }) => type === "call-ended").map(brief);
    expect(ends.toSorted()).toEqual([
      "call-ended failed error",
      "call-ended late timeout",
      "call-ended ok ok",
      "call-ended same ok",
      "call-ended unknown unknown-tool",
      "call-ended write ok",
      "call-ended wrong invalid-input",
    ]);
    expect(events.filter(({ type }) => type === "call-issued")).toHaveLength(7);
    expect(events.find((event) => brief(event) === "call-ended failed error")).toMatchObject({
      error: expect.stringMatching(/\w/),
    });
  });

  test("what a sub-agent does is told with its place in the run", async () => {
    const scripts = {
      parent: replies(calls(child("x"), child("y")), answer("both")),
      child: replies(calls(gate("g")), answer('{"city":"Tokyo","celsius":18.4}')),
    };
    await cluster.use((request) =>
      JSON.stringify(request.messages).includes("You are the parent.")
        ? scripts.parent(request)
        : scripts.child(request),
    );
    const { body } = await cluster.call("/restate/send/ParentAgent/run", { message: "Go.", events: true });
    const events = (await watch(cluster, (body as { invocationId: string }).invocationId)).map(brief);
    for (const place of ["x", "y"]) {
      const own = events.filter((event) => event.includes(` ${place}`));
      expect(own).toEqual([
        `call-issued ${place}`,
        `run-began ${place}`,
        `turn-began ${place}`,
        `turn-ended ${place}`,
        `call-issued ${place}/g`,
        `call-ended ${place}/g ok`,
        `turn-began ${place}`,
        `turn-ended ${place}`,
        `run-ended ${place}`,
        `call-ended ${place} ok`,
      ]);
    }
    expect(events.at(-1)).toBe("run-ended");
  });

  test("a cancellation and a failure are told", async () => {
    cluster.gate.use(closed);
    const cancelled = await cluster.beginWith({ events: true }, calls(gate("a")), answer("Never."));
    await expect.poll(() => cluster.gate.history, { timeout: 10_000 }).toContain("arrived a");
    await fetch(`${cluster.restate.adminUrl}/invocations/${cancelled}/cancel`, { method: "PATCH" });
    expect((await watch(cluster, cancelled)).map(brief).at(-1)).toBe("run-cancelled");

    const failed = await cluster.beginWith(
      { events: true },
      { error: { message: "No.", type: "x" }, status: 400 },
    );
    const [last] = (await watch(cluster, failed)).slice(-1);
    expect(last).toMatchObject({ type: "run-failed", code: expect.any(Number), message: expect.any(String) });
    expect(JSON.stringify(last)).not.toMatch(/marker-key|\.ts:/);
  });
});

describe("on v7", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster("v7");
  });
  afterAll(() => cluster?.stop());
  beforeEach(() => cluster.gate.use(() => {}));
  const told = () => cluster.invocations("RunEvents");

  test("with `turns`, ends are told when the agent goes on, without their outputs", async () => {
    const id = await cluster.beginWith({ events: "turns" }, calls(gate("a"), gate("b")), answer("Both."));
    await cluster.outcome(id);
    const events = await watch(cluster, id);
    const ends = events.filter(({ type }) => type === "call-ended");
    expect(ends.map(brief)).toEqual(["call-ended a ok", "call-ended b ok"]);
    expect(ends[0]).toMatchObject({ attempts: 1 });
    expect(ends[0]).not.toHaveProperty("output");
  });

  test.each([
    [false, 0],
    ["turns", 3],
    ["calls", 3 + 6],
  ] as const)("with %j, a run of 3 turns and 6 calls costs %i invocations more", async (events, more) => {
    const turn = (number: number) => calls(...[1, 2, 3].map((call) => gate(`${number}.${call}`)));
    const run = await cluster.runWith({ events }, turn(1), turn(2), answer("Done."));
    expect(run.toolCalls).toHaveLength(6);
    await expect.poll(told, { timeout: 5_000 }).toBe(more);
    expect([cluster.invocations("agent"), cluster.invocations("gate")]).toEqual([3, 6]);
  });

  test("nothing is told of a run that nobody watches, and nobody waits for it for ever", async () => {
    const id = await cluster.begin(answer("Quietly."));
    await cluster.outcome(id);
    expect(told()).toBe(0);
    expect(await pull(cluster, id, 0)).toEqual({ status: 200, messages: [], nextOffset: 0 });
    expect(await watch(cluster, id)).toEqual([]);
  }, 60_000);

  test("readers who wait cost one invocation for each time that the run tells something, and none for their waiting", async () => {
    const open = Promise.withResolvers<void>();
    cluster.gate.use(() => open.promise);
    const id = await cluster.beginWith({ events: true }, calls(gate("a")), answer("Done."));
    const issued = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const reading = issued.map(({ resolve }) =>
      watch(cluster, id, ({ type }) => type === "call-issued" && resolve()),
    );
    await Promise.all(issued.map(({ promise }) => promise));
    const before = told();
    open.resolve();
    for (const events of await Promise.all(reading)) expect(events.map(brief)).toHaveLength(8);
    // The call's end and the run's: two times told, and each reader reads twice at most.
    expect(told() - before).toBeLessThanOrEqual(2 + 3 * 2);
    expect(cluster.invocations("RunEvents")).toBeLessThanOrEqual(3 + 3 * 5);
  });

  test("nobody who waits can have another invocation cancelled than his own", async () => {
    const open = Promise.withResolvers<void>();
    cluster.gate.use(() => open.promise);
    const id = await cluster.beginWith({ events: true }, calls(gate("a")), answer("Done."));
    const { status, body } = await cluster.call(`/restate/call/RunEvents/${id}/next`, {
      offset: 0,
      bell: id,
    });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain("expected the id of a delayed call");
    open.resolve();
    expect(await cluster.outcome(id)).toMatchObject({ answer: "Done." });
  });

  test("what travels stays small however long a run is, and whoever comes late reads all of it", async () => {
    cluster.gate.use(() => "x".repeat(3000));
    const turns = Array.from({ length: 9 }, (_, turn) =>
      calls(...Array.from({ length: 8 }, (_, call) => gate(`${turn}.${call}`))),
    );
    const id = await cluster.beginWith({ events: true }, ...turns, answer("Long."));
    const live = await watch(cluster, id);
    const { invocations, bytesIn } = cluster.lambda.stats().functions.RunEvents ?? {
      invocations: 0,
      bytesIn: 0,
    };
    expect(bytesIn / invocations).toBeLessThan(64_000);
    expect(live.filter(({ type }) => type === "call-ended")).toHaveLength(72);
    const positions = live.map(({ position }) => position);
    expect(positions).toEqual(positions.map((_, index) => index));
    expect(await watch(cluster, id)).toEqual(live);
    expect(await watch(cluster, id, undefined, 50)).toEqual(live.slice(50));
  });

  test("the client of @restatedev/pubsub reads it", async () => {
    const id = await cluster.beginWith({ events: true }, calls(gate("a")), answer("Done."));
    const client = createPubsubClient({
      url: cluster.restate.ingressUrl,
      name: "RunEvents",
      pullInterval: { milliseconds: 1 },
    });
    const events: RunEvent[] = [];
    for await (const event of client.pull({ topic: id, offset: 0 })) {
      events.push(event as RunEvent);
      if (events.at(-1)?.type === "run-ended") break;
    }
    expect(events.map(brief)).toContain("call-ended a ok");
  });

  test.each(["publish", "keep", "read", "forget", "forgetArchive"])(
    "%s cannot be called from outside",
    async (handler) => {
      const { status, body } = await cluster.call(`/restate/call/RunEvents/inv_1/${handler}`, []);
      expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining("not public")]);
    },
  );

  test.each([{ offset: -1 }, { offset: "x" }])(
    "pull of %j is refused with what was expected",
    async (input) => {
      const { status, body } = await cluster.call("/restate/call/RunEvents/inv_1/pull", input);
      expect(status).toBe(400);
      expect(JSON.stringify(body)).toContain("offset");
    },
  );
});
