import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { query } from "../lib/restate/index.ts";
import type { Cluster } from "./support/cluster.ts";
import { barrier, closed, mostAtOnce, Refusal } from "./support/gate.ts";
import { DISTINCT_MODES } from "./support/modes.ts";
import { answer, calls, type Reply, replies, resultsIn, silence } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const call = (name: string, id: string, input: object = { id }) => ({ id, name, input });
const many = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => call(name, `c${index}`, { id: `g${index}` }));

/** Long enough for a call to be seen that begins too early; each write stands between reads. */
const SLOW_STEPS = ["gate", "record", "gate", "gate", "record"].map((kind) => ({
  kind,
  fails: false,
  ms: 100,
}));

describe.each(DISTINCT_MODES)("on %s", (mode) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster(mode);
  });
  afterAll(() => cluster?.stop());
  beforeEach(() => cluster.gate.use(() => {}));
  const told = () => resultsIn(cluster.modelRequests.at(-1));
  const agentCost = (protocolV7: number) => (mode === "v6" ? expect.any(Number) : protocolV7);

  test("F3: a throttled function uses up none of its tool's attempts", async () => {
    cluster.gate.use(() => sleep(20));
    const run = await cluster.run(calls(...many("narrow", 20)), answer("done"));
    expect(run.toolCalls.map(({ status, attempts }) => `${status} ${attempts}`)).toEqual(
      Array(20).fill("ok 1"),
    );
    expect(mostAtOnce(cluster.gate.history)).toBeLessThanOrEqual(3);
    expect(cluster.lambda.stats().functions.narrow?.throttles).toBeGreaterThan(0);
  });

  test("F4: a call that times out is cancelled, its I/O ends, and the agent is not woken for it", async () => {
    cluster.gate.use(closed);
    const run = await cluster.run(calls(call("slow", "late", { id: "stuck" })), answer("too slow"));
    expect(run.toolCalls[0]).toMatchObject({
      status: "timeout",
      error: "timeout after 1 s",
      durationMs: 1000,
    });
    expect(cluster.invocations("agent")).toEqual(agentCost(2));
    await expect.poll(() => cluster.gate.history).toEqual(["arrived stuck", "dropped stuck"]);
    await expect.poll(() => unfinished(cluster)).toEqual([]);
  });

  test("F4: when a call's time is over, what has ended is kept and what has more time goes on", async () => {
    cluster.gate.use((id) => {
      if (id === "stuck") return closed(id);
      if (id === "after") return expect.poll(() => cluster.gate.history).toContain("dropped stuck");
    });
    const run = await cluster.run(
      calls(call("slow", "late", { id: "stuck" }), call("gate", "before"), call("gate", "after")),
      answer("done"),
    );
    expect(run.toolCalls.map(({ status }) => status)).toEqual(["timeout", "ok", "ok"]);
    expect(cluster.invocations("agent")).toEqual(agentCost(3));
    await expect.poll(() => unfinished(cluster)).toEqual([]);
  });

  test("F4, F13: a call that times out while it waits for a part of its own is cancelled", async () => {
    const end = Promise.withResolvers<void>();
    cluster.gate.use(() => end.promise);
    const id = await cluster.beginWith(
      { limits: { deadline: { seconds: 1 } } },
      calls(call("composite", "late", { ids: ["part"] })),
      answer("too slow"),
    );
    expect((await cluster.outcome(id)).toolCalls[0]?.status).toBe("timeout");
    const calling = `SELECT completion_failure AS failure FROM sys_invocation WHERE invoked_by_id = '${id}'`;
    // Its part is held at the gate, and its own timeout is far away: nothing else would end it.
    await expect
      .poll(() => query({ url: cluster.restate.adminUrl }, calling))
      .toEqual([{ failure: expect.stringMatching(/^\[409\] cancelled/i) }]);
    end.resolve();
    await expect.poll(() => unfinished(cluster)).toEqual([]);
  });

  test("F4: a call and its parts are told when nobody waits any longer: a minute after the call's timeout", async () => {
    const began = Date.now();
    const id = await cluster.begin(calls(call("composite", "c", { ids: ["part"] })), answer("done"));
    await cluster.outcome(id);
    const inputs = await query<{ json: string }>(
      { url: cluster.restate.adminUrl },
      `SELECT entry_json AS json FROM sys_journal WHERE entry_type = 'Command: Input' AND entry_json LIKE '%${id}%'`,
    );
    const told = inputs.map(({ json }) => Number(/"x-fanout","value":"[^"]*until=(\d+)/.exec(json)?.[1]));
    expect(told).toHaveLength(2);
    expect(told[0]).toBe(told[1]);
    expect(told[0]).toBeGreaterThanOrEqual(began + 90_000);
    expect(told[0]).toBeLessThanOrEqual(Date.now() + 90_000);
  });

  test("F4: a tool that begins when nobody waits any longer does nothing", async () => {
    const publish = (isPublic: boolean) =>
      fetch(`${cluster.restate.adminUrl}/services/gate`, {
        method: "PATCH",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ public: isPublic }),
      });
    await publish(true);
    const late = { "x-fanout": `until=${Date.now() - 1}` };
    const { status, body } = await cluster.call("/restate/call/gate/run", { id: "g" }, late);
    await publish(false);
    expect({ status, body }).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining("nobody waits") },
    });
    expect(cluster.gate.history).toEqual([]);
  });

  test("F5: the outcome equals running the calls one by one, while neighbouring reads overlap", async () => {
    const step = fc.record({
      kind: fc.constantFrom("gate", "record"),
      fails: fc.boolean(),
      ms: fc.integer({ min: 0, max: 15 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 7 }), async (steps) => {
        const ids = steps.map((_, index) => `s${index}`);
        const together = new Map(
          readGroups(steps).flatMap((group) => {
            const meet = barrier(group.length);
            return group.map((index): [string, () => unknown] => [`s${index}`, () => meet("")]);
          }),
        );
        const written: string[] = [];
        cluster.gate.use(async (id) => {
          const { kind, fails, ms } = steps[ids.indexOf(id)] as (typeof steps)[number];
          // Reads of one group only go on when all of them are there.
          await together.get(id)?.();
          await sleep(ms);
          if (fails) throw new Refusal(`no ${id}`);
          if (kind === "gate") return written.join(" ");
          written.push(id);
        });
        await cluster.run(calls(...steps.map(({ kind }, index) => call(kind, `s${index}`))), answer("done"));
        expect(told()).toEqual(oneByOne(steps));
      }),
      { numRuns: 8, examples: [[SLOW_STEPS]] },
    );
  });

  test("F6: identical reads of one turn run once, and each call gets the result", async () => {
    cluster.gate.use((id) => `told ${id}`);
    const run = await cluster.run(
      calls(
        call("gate", "a", { id: "same" }),
        call("gate", "b", { id: "other" }),
        call("gate", "c", { id: "same" }),
      ),
      answer("done"),
    );
    expect(cluster.invocations("gate")).toBe(2);
    expect(cluster.invocations("agent")).toEqual(agentCost(2));
    expect(run.toolCalls.map(({ id, status }) => `${id} ${status}`)).toEqual(["a ok", "b ok", "c ok"]);
    expect(told()).toMatchObject({ a: { told: "told same" }, c: { told: "told same" } });
  });

  test("F6: identical writes of one turn run each", async () => {
    await cluster.run(
      calls(call("record", "a", { id: "same" }), call("record", "b", { id: "same" })),
      answer("done"),
    );
    expect(cluster.gate.history.filter((event) => event === "arrived same")).toHaveLength(2);
    const { a, b } = told() as Record<string, { key: string }>;
    expect(a?.key).not.toBe(b?.key);
  });

  test("F7: at most maxParallelCalls calls of a run are in flight, and the next one begins when any ends", async () => {
    // The first call only ends when all the others are through: in chunks, it would hold them back for ever.
    const others = barrier(9);
    cluster.gate.use(async (id) => {
      // Long enough for a third call to be seen, were it made.
      await sleep(100);
      const through = others(id);
      if (id === "g0") await through;
    });
    const run = await cluster.runWith({ maxParallelCalls: 2 }, calls(...many("gate", 9)), answer("done"));
    expect(run.toolCalls.map(({ id, status }) => `${id} ${status}`)).toEqual(
      many("gate", 9).map(({ id }) => `${id} ok`),
    );
    expect(mostAtOnce(cluster.gate.history)).toBe(2);
  });

  test("F9: a result of 50 MB ends in an answer", async () => {
    const run = await cluster.run(calls(call("huge", "h", { megabytes: 50 })), answer("long"));
    expect(run.toolCalls[0]).toMatchObject({ status: "ok", truncated: true });
    expect(JSON.stringify(told().h)).toMatch(/\[cut: the first \d+ of 50000000 characters\]/);
  });

  test("F9: 200 results of 32 kB end in an answer, and the later ones are cut harder", async () => {
    const turn = (from: number) =>
      calls(
        ...Array.from({ length: 50 }, (_, index) =>
          call("huge", `h${from + index}`, { megabytes: 0.0321, seed: from + index }),
        ),
      );
    const run = await cluster.run(turn(0), turn(50), turn(100), turn(150), answer("long"));
    expect(run).toMatchObject({ answer: "long", finishReason: "stop" });
    expect(run.toolCalls.map(({ status }) => status)).toEqual(Array(200).fill("ok"));
    expect(run.toolCalls[0]?.truncated).toBe(false);
    expect(run.toolCalls[199]?.truncated).toBe(true);
  });

  test("F9: replies just below their bound fit into a run whose journal is full, and it ends in an answer", async () => {
    const turn = (from: number) =>
      calls(
        ...Array.from({ length: 55 }, (_, index) =>
          call("huge", `h${from + index}`, { megabytes: 0.0321, seed: from + index }),
        ),
      );
    // What the server's compression cannot make shorter.
    const noise = randomBytes(675_000).toString("base64");
    const long = call("huge", "long", { megabytes: 0.0001, noise });
    const run = await cluster.run(turn(0), turn(55), calls(long), answer(noise));
    expect(run).toMatchObject({ answer: noise, finishReason: "max-bytes", turns: 4 });
    expect(run.toolCalls.at(-1)).toMatchObject({ id: "long", status: "ok" });
  });

  test("F10: a write's key is its invocation's id, and its durable step costs no invocation more than a read", async () => {
    await cluster.run(calls(call("record", "w")), answer("done"));
    const { key } = told().w as { key: string };
    const written = `SELECT target FROM sys_invocation WHERE id = '${key}'`;
    expect(await query({ url: cluster.restate.adminUrl }, written)).toEqual([{ target: "record/run" }]);
    expect(cluster.invocations("record")).toBe(1);
  });

  test("F10: a write whose output breaks its contract took effect once, and the model is told so", async () => {
    cluster.gate.use(() => "drift");
    const run = await cluster.run(calls(call("record", "w")), answer("written"));
    expect(run.toolCalls[0]).toMatchObject({ status: "ok", attempts: 1, truncated: true });
    expect(told().w).toEqual({
      "[unreadable]":
        'The write took effect. Do not repeat it. Its output could not be read: record made a result that breaks its contract: key: expected string, got ["drift"]',
    });
    expect(cluster.gate.history).toEqual(["arrived w", "left w"]);
  });

  test("F11: at maxToolCalls the calls beyond are refused, each with a result, and the model answers without tools", async () => {
    const run = await cluster.runWith(
      { limits: { maxToolCalls: 2 } },
      calls(...many("gate", 3)),
      answer("two"),
    );
    expect(run).toMatchObject({ answer: "two", finishReason: "max-tool-calls", turns: 2 });
    expect(run.toolCalls.map(({ status }) => status)).toEqual(["ok", "ok", "over-limit"]);
    expect(told().c2).toEqual({ error: "Not called: the run has reached its limit of tool calls." });
    expect(cluster.modelRequests.at(-1)?.tool_choice).toBe("none");
  });

  test("F11: at maxTokens and at maxCostUsd the model gets one last turn without tools", async () => {
    const first = { ...calls(call("gate", "a")), usage: { input_tokens: 900_000, output_tokens: 100_000 } };
    const last = { ...answer("enough"), usage: { input_tokens: 1000, output_tokens: 10 } };
    const tokens = await cluster.runWith({ limits: { maxTokens: 1_000_000 } }, first, last);
    expect(tokens).toMatchObject({ answer: "enough", finishReason: "max-tokens", turns: 2 });
    expect(tokens.usage).not.toHaveProperty("costUsd");
    const model = "openai/gpt-5.4-mini";
    const cost = await cluster.runWith({ model, limits: { maxCostUsd: 1 } }, first, last);
    expect(cost).toMatchObject({ finishReason: "max-cost", turns: 2 });
    // 0.9 M × 0.75 + 0.1 M × 4.5, then 1000 × 0.75 / M + 10 × 4.5 / M
    expect(cost.usage.perTurn.map(({ costUsd }) => costUsd)).toEqual([1.125, 0.000795]);
    expect(cost.usage.costUsd).toBe(1.125795);
    expect(cluster.modelRequests.map(({ model: asked }) => asked)).toEqual(["gpt-5.4-mini", "gpt-5.4-mini"]);
  });

  test("F11, F4: at the deadline calls end as timeouts, their I/O ends, and the model answers with what it has", async () => {
    cluster.gate.use((id) => (id === "stuck" ? closed(id) : undefined));
    const run = await cluster.runWith(
      { limits: { deadline: { seconds: 1 } } },
      calls(call("gate", "quick"), call("gate", "late", { id: "stuck" })),
      answer("in time"),
    );
    expect(run).toMatchObject({ answer: "in time", finishReason: "deadline" });
    expect(run.toolCalls.map(({ status }) => status)).toEqual(["ok", "timeout"]);
    expect(run.toolCalls[1]?.durationMs).toBeLessThanOrEqual(1000);
    // F4: by its contract the tool would have gone on for a minute.
    await expect.poll(() => cluster.gate.history).toContain("dropped stuck");
  });

  test("F11: the deadline holds for a whole turn, whatever waits for what in it", async () => {
    cluster.gate.use((id) => (id === "r" ? sleep(400) : id === "w" ? closed(id) : undefined));
    const run = await cluster.runWith(
      { limits: { deadline: { seconds: 1 } } },
      calls(call("gate", "r"), call("record", "w")),
      answer("in time"),
    );
    expect(run).toMatchObject({ answer: "in time", finishReason: "deadline" });
    expect(run.toolCalls.map(({ status }) => status)).toEqual(["ok", "timeout"]);
    expect(run.toolCalls[1]?.durationMs).toBeLessThanOrEqual(600);
  });

  test("F11: the deadline ends a model request that is at work, and the run answers with what there is", async () => {
    const limits = { deadline: { seconds: 3.0003 } };
    const look = { ...calls(call("gate", "a")), content: "Let me look." };
    const second = await cluster.runWith({ limits }, look, silence);
    expect(second).toMatchObject({ answer: "Let me look.", finishReason: "deadline", turns: 1 });
    expect(second.toolCalls.map(({ status }) => status)).toEqual(["ok"]);
    expect(cluster.modelRequests).toHaveLength(2);
    const first = await cluster.runWith({ limits: { deadline: { seconds: 0.5 } } }, silence);
    expect(first).toMatchObject({ answer: "", finishReason: "deadline", turns: 0, toolCalls: [] });
    expect(cluster.modelRequests).toHaveLength(1);
  });

  test("F11: a model that wants to be left alone for longer than the run has time is not waited for", async () => {
    const busy: Reply = { error: { message: "Slow down." }, status: 429, retryAfter: 60 };
    const run = await cluster.runWith({ limits: { deadline: { seconds: 30 } } }, busy);
    expect(run).toMatchObject({ answer: "", finishReason: "deadline", turns: 0 });
    expect(cluster.modelRequests).toHaveLength(1);
  });

  test("F11: usage that makes no sense undoes no limit", async () => {
    const usage = { input_tokens: -1_000_000, output_tokens: -1_000_000 };
    const run = await cluster.runWith(
      { limits: { maxTokens: 100 } },
      { ...calls(call("gate", "a")), usage },
      { ...answer("enough"), usage },
    );
    expect(run).toMatchObject({ answer: "enough", finishReason: "max-tokens", turns: 2 });
    expect(run.usage.inputTokens).toBeGreaterThan(100);
  });

  test("F13: cancelling a run cancels its calls, and nothing stays pending", async () => {
    cluster.gate.use((id) => (id === "s" ? closed(id) : undefined));
    const id = await cluster.begin(calls(call("slow", "s")), answer("never"));
    await expect.poll(() => cluster.gate.history).toContain("arrived s");
    const cancelled = await fetch(`${cluster.restate.adminUrl}/invocations/${id}/cancel`, {
      method: "PATCH",
    });
    expect(cancelled.ok).toBe(true);
    await expect.poll(() => unfinished(cluster)).toEqual([]);
    const [run] = await query(
      { url: cluster.restate.adminUrl },
      `SELECT completion_failure FROM sys_invocation WHERE id = '${id}'`,
    );
    expect(run?.completion_failure).toMatch(/cancelled/i);
    expect(cluster.modelRequests).toHaveLength(1);
  });

  test.each([1, 2])(
    "F13: a run that is cancelled while turn %i is asked for ends, and so do its calls",
    async (turn) => {
      const open = Promise.withResolvers<void>();
      const turns = [calls(call("gate", "before")), calls(call("slow", "s"), call("gate", "g"))];
      const script = replies(...turns.slice(2 - turn), answer("never"));
      cluster.gate.use((id) => (id === "s" ? closed(id) : undefined));
      await cluster.use(async (request) => {
        if (cluster.modelRequests.length === turn) await open.promise;
        return script(request);
      });
      const { body } = await cluster.call("/restate/send/TestAgent/run", { message: "Go." });
      const { invocationId: id } = body as { invocationId: string };
      await expect.poll(() => cluster.modelRequests).toHaveLength(turn);
      await fetch(`${cluster.restate.adminUrl}/invocations/${id}/cancel`, { method: "PATCH" });
      open.resolve();
      await expect.poll(() => unfinished(cluster), { timeout: 10_000 }).toEqual([]);
      const [run] = await query(
        { url: cluster.restate.adminUrl },
        `SELECT completion_failure FROM sys_invocation WHERE id = '${id}'`,
      );
      expect(run?.completion_failure).toMatch(/cancelled/i);
      expect(cluster.modelRequests).toHaveLength(turn);
    },
  );

  test("F13: a cancelled run issues no further calls, also when they wait for their turn in the agent", async () => {
    cluster.gate.use((id) => (id === "s0" ? closed(id) : undefined));
    const id = await cluster.beginWith(
      { maxParallelCalls: 1 },
      calls(call("slow", "s0"), call("slow", "s1")),
      answer("never"),
    );
    await expect.poll(() => cluster.gate.history).toContain("arrived s0");
    await fetch(`${cluster.restate.adminUrl}/invocations/${id}/cancel`, { method: "PATCH" });
    await expect.poll(() => unfinished(cluster)).toEqual([]);
    expect(cluster.gate.history).not.toContain("arrived s1");
    expect(cluster.modelRequests).toHaveLength(1);
  });

  test("F7: with parallelToolCalls off the provider is told, and several calls in one reply run one by one", async () => {
    const run = await cluster.runWith(
      { parallelToolCalls: false },
      calls(...many("gate", 4)),
      answer("done"),
    );
    expect(run.toolCalls.map(({ status }) => status)).toEqual(Array(4).fill("ok"));
    expect(mostAtOnce(cluster.gate.history)).toBe(1);
  });

  test.each([
    [{ maxParallelCalls: 1000 }, "maxParallelCalls: Too big: expected number to be <=250, got 1000"],
    [{ limits: { maxTurns: 11 } }, "limits.maxTurns: Too big: expected number to be <=10, got 11"],
    [
      { model: "openai/gpt-9" },
      'model: expected one of "openai/scripted"|"openai/gpt-5.4-mini", got "openai/gpt-9"',
    ],
    [{ limits: { maxCostUsd: 1 } }, "limits.maxCostUsd: there is no price for openai/scripted"],
    [{ limits: { deadline: { seconds: 1e300 } } }, "limits.deadline.seconds: Too big"],
    [{ maxTurns: 3 }, 'Unrecognized key: "maxTurns"'],
  ])("the option %j is out of bounds: a 400 that names the bound", async (options, message) => {
    const { status, body } = await cluster.call("/restate/call/TestAgent/run", {
      message: "Go.",
      ...options,
    });
    expect(status).toBe(400);
    expect((body as { message: string }).message).toContain(message);
  });

  test("F8: a call with invalid input gets another chance", async () => {
    const run = await cluster.run(
      calls(call("gate", "bad", { id: 5 })),
      calls(call("gate", "good", { id: "g" })),
      answer("done"),
    );
    expect(run).toMatchObject({ finishReason: "stop", turns: 3 });
    expect(run.toolCalls.map(({ status }) => status)).toEqual(["invalid-input", "ok"]);
  });

  test("F11: the same invalid call three times ends the run with a last turn", async () => {
    const bad = (id: string) => calls(call("gate", id, { id: 5 }));
    const run = await cluster.run(bad("a"), bad("b"), bad("c"), answer("I cannot do that."));
    expect(run).toMatchObject({
      answer: "I cannot do that.",
      finishReason: "repeated-invalid-input",
      turns: 4,
    });
  });
});

describe("with scopes, on v7", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster("v7", { scopes: true });
  });
  afterAll(() => cluster?.stop());

  test("F7: a tool's maxConcurrency holds before Lambda is called, and waiting costs the agent nothing", async () => {
    cluster.gate.use(() => sleep(20));
    const run = await cluster.run(calls(...many("narrow", 12)), answer("done"));
    expect(run.toolCalls.map(({ status }) => status)).toEqual(Array(12).fill("ok"));
    expect(mostAtOnce(cluster.gate.history)).toBeLessThanOrEqual(3);
    expect(cluster.invocations("agent")).toBe(2);
    expect(cluster.lambda.stats().functions.narrow).toMatchObject({ invocations: 12, throttles: 0 });
  });

  test("F4: calls that time out while they wait for a slot never run, and a deaf tool holds nobody up", async () => {
    const end = Promise.withResolvers<void>();
    cluster.gate.use(() => end.promise);
    const run = await cluster.runWith(
      { limits: { deadline: { seconds: 1 } } },
      calls(...many("narrow", 5)),
      answer("late"),
    );
    expect(run.toolCalls.map(({ status }) => status)).toEqual(Array(5).fill("timeout"));
    end.resolve();
    await expect.poll(() => unfinished(cluster)).toEqual([]);
    expect(cluster.gate.history.filter((event) => event.startsWith("arrived"))).toHaveLength(3);
    expect(cluster.invocations("agent")).toBe(2);
  });
});

/** The indices of reads that stand beside each other, group by group. */
function readGroups(steps: readonly { kind: string }[]): number[][] {
  const groups: number[][] = [];
  for (const [index, { kind }] of steps.entries()) {
    if (kind !== "gate") continue;
    const last = groups.at(-1);
    if (last?.at(-1) === index - 1) last.push(index);
    else groups.push([index]);
  }
  return groups;
}

/** What the model would be told had the calls run one after another. */
function oneByOne(steps: readonly { kind: string; fails: boolean }[]): Record<string, unknown> {
  const written: string[] = [];
  const results = steps.map(({ kind, fails }, index): [string, unknown] => {
    const id = `s${index}`;
    if (fails) return [id, { error: `no ${id}` }];
    if (kind === "gate") return [id, written.length === 0 ? { id } : { id, told: written.join(" ") }];
    written.push(id);
    return [id, { key: expect.any(String) }];
  });
  return Object.fromEntries(results);
}

async function unfinished(cluster: Cluster): Promise<unknown[]> {
  return query(
    { url: cluster.restate.adminUrl },
    "SELECT target, status FROM sys_invocation WHERE status <> 'completed'",
  );
}
