import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MODES } from "../lib/testing/index.ts";
import type { Cluster } from "./support/cluster.ts";
import { barrier, closed, inOrder } from "./support/gate.ts";
import { answer, calls, resultsIn } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const gates = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `c${index}`,
    name: "gate",
    input: { id: `g${index}` },
  }));

describe.each(MODES)("on %s", (mode) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster(mode);
  });
  afterAll(() => cluster?.stop());

  /** What the model was told in its last request. */
  const told = () => resultsIn(cluster.modelRequests.at(-1));
  const statuses = (run: Awaited<ReturnType<Cluster["run"]>>) =>
    Object.fromEntries(run.toolCalls.map(({ id, status }) => [id, status]));

  test("eight calls of one turn are all in flight at once", async () => {
    cluster.gate.use(barrier(8));
    const run = await cluster.run(calls(...gates(8)), answer("all eight"));
    expect(run).toMatchObject({ answer: "all eight", finishReason: "stop", turns: 2 });
    expect(cluster.gate.history.slice(0, 8).every((event) => event.startsWith("arrived"))).toBe(true);
    expect(run.toolCalls.map(({ status }) => status)).toEqual(Array(8).fill("ok"));
  });

  test("F1: results stay in call order when the last call finishes first", async () => {
    const order = gates(5).map(({ input }) => input.id);
    cluster.gate.use(inOrder(order.toReversed()));
    const run = await cluster.run(calls(...gates(5)), answer("done"));
    expect(cluster.gate.history.filter((event) => event.startsWith("left"))).toEqual(
      order.toReversed().map((id) => `left ${id}`),
    );
    expect(run.toolCalls.map(({ id }) => id)).toEqual(["c0", "c1", "c2", "c3", "c4"]);
    expect(Object.entries(told())).toEqual(gates(5).map(({ id, input }) => [id, input]));
  });

  test("F1: every call has its one result in its own place, also those that are refused or run once for several", async () => {
    cluster.gate.use(() => {});
    const [first, last] = gates(2) as [never, never];
    const repeat = { id: "again", name: "gate", input: { id: "g0" } };
    const unknown = { id: "x", name: "get_wether", input: {} };
    const invalid = { id: "bad", name: "gate", input: { id: 5 } };
    const run = await cluster.run(calls(first, unknown, repeat, invalid, last), answer("done"));
    const order = ["c0", "x", "again", "bad", "c1"];
    expect(run.toolCalls.map(({ id }) => id)).toEqual(order);
    expect(Object.keys(told())).toEqual(order);
  });

  test("F2: a failing tool among good ones leaves its siblings untouched", async () => {
    cluster.gate.use(() => {});
    const [first, second] = gates(2);
    const failing = { id: "bad", name: "fails", input: { how: "for-good" } };
    const run = await cluster.run(calls(first as never, failing, second as never), answer("two of three"));
    expect(statuses(run)).toEqual({ c0: "ok", bad: "error", c1: "ok" });
    expect(told()).toEqual({ c0: { id: "g0" }, bad: { error: "No such thing." }, c1: { id: "g1" } });
    expect(run.toolCalls[1]).toMatchObject({
      attempts: 1,
      error: "No such thing.",
      startedAt: expect.any(String),
    });
  });

  test("F2: a tool's own tries are counted, and what it says is clean", async () => {
    const run = await cluster.run(
      calls(
        { id: "third-time", name: "fails", input: { how: "twice" } },
        { id: "never", name: "fails", input: { how: "always" } },
        { id: "bug", name: "fails", input: { how: "unexpectedly" } },
      ),
      answer("done"),
    );
    expect(run.toolCalls).toMatchObject([
      { id: "third-time", status: "ok", attempts: 3 },
      { id: "never", status: "error", attempts: 3, error: "Busy." },
      { id: "bug", status: "error", attempts: 3, error: "[arn] broke" },
    ]);
    expect(JSON.stringify(run)).not.toMatch(/arn:aws|secret\.ts/);
  });

  test("F8: an unknown tool is a result that lists the tools", async () => {
    const run = await cluster.run(calls({ id: "x", name: "get_wether", input: {} }), answer("sorry"));
    expect(statuses(run)).toEqual({ x: "unknown-tool" });
    expect(told().x).toEqual({
      error:
        'Unknown tool "get_wether". Tools: gate, slow, fails, drifts, large, record, narrow, huge, composite, steps, scarce, ample, guarded, guarded_write, hasty, notify, outside.',
    });
  });

  test("F8: malformed arguments and arguments that break the schema are results, and no tool is called", async () => {
    const run = await cluster.run(
      calls(
        { id: "json", name: "gate", input: '{"id": "g0' },
        { id: "schema", name: "gate", input: { id: 5 } },
      ),
      answer("sorry"),
    );
    expect(statuses(run)).toEqual({ json: "invalid-input", schema: "invalid-input" });
    expect(told().json).toEqual({ error: 'The arguments of gate are not valid JSON: {"id": "g0' });
    expect(told().schema).toEqual({ error: "id: expected string, got 5" });
    expect(cluster.lambda.stats().functions.gate).toMatchObject({ invocations: 0 });
  });

  test("F8: arguments and inputs that nest thousands deep are invalid, and the run goes on", async () => {
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    const run = await cluster.run(
      calls(
        { id: "deep", name: "gate", input: `{"id":${deep}}` },
        { id: "good", name: "gate", input: { id: "g" } },
      ),
      answer("sorry"),
    );
    expect(run.answer).toBe("sorry");
    expect(statuses(run)).toEqual({ deep: "invalid-input", good: "ok" });
    expect(told().deep).toEqual({ error: "The arguments of gate nest deeper than 100 levels." });
    const response = await fetch(`${cluster.restate.ingressUrl}/restate/call/TestAgent/run`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"message":${deep}}`,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      message: expect.stringMatching(/expected JSON that nests 100 deep at most$/),
    });
  });

  test("F2: output that drifted from its contract is a result that names the field", async () => {
    const run = await cluster.run(calls({ id: "d", name: "drifts", input: {} }), answer("sorry"));
    expect(run.toolCalls[0]).toMatchObject({ status: "error", attempts: 1 });
    expect(told().d).toEqual({
      error: 'drifts made a result that breaks its contract: celsius: expected number, got "warm"',
    });
  });

  test("F4: a call that takes too long is a result; its siblings' results are kept", async () => {
    cluster.gate.use((id) => (id === "stuck" ? closed(id) : undefined));
    const run = await cluster.run(
      calls(
        { id: "late", name: "slow", input: { id: "stuck" } },
        { id: "ok", name: "gate", input: { id: "g" } },
      ),
      answer("partly"),
    );
    expect(statuses(run)).toEqual({ late: "timeout", ok: "ok" });
    expect(told().late).toEqual({ error: "timeout after 1 s" });
  });

  test("F9: a result that is too large is cut where it is made, and marked", async () => {
    const run = await cluster.run(calls({ id: "l", name: "large", input: { rows: 5000 } }), answer("long"));
    expect(run.toolCalls[0]).toMatchObject({ status: "ok", truncated: true });
    const cut = JSON.stringify(told().l);
    expect(cut.length).toBeLessThanOrEqual(1000);
    expect(cut).toMatch(/\[cut: the first \d+ of 5000 items\]/);
  });

  test("F5: a write waits for the calls before it and holds back the calls after it", async () => {
    // Long enough for the next call to be seen, did it begin too early.
    cluster.gate.use(() => sleep(100));
    await cluster.run(
      calls(
        { id: "r1", name: "gate", input: { id: "read1" } },
        { id: "w", name: "record", input: { id: "write" } },
        { id: "r2", name: "gate", input: { id: "read2" } },
      ),
      answer("done"),
    );
    expect(cluster.gate.history).toEqual(
      ["read1", "write", "read2"].flatMap((id) => [`arrived ${id}`, `left ${id}`]),
    );
  });

  test("a reply without calls ends the run after one turn", async () => {
    const run = await cluster.run(answer("Hello."));
    expect(run).toMatchObject({ answer: "Hello.", finishReason: "stop", turns: 1, toolCalls: [] });
  });

  test("the tokens of all turns are added up", async () => {
    cluster.gate.use(() => {});
    const run = await cluster.run(
      { ...calls(...gates(1)), usage: { input_tokens: 100, output_tokens: 20 } },
      { ...answer("done"), usage: { input_tokens: 130, output_tokens: 5 } },
    );
    expect(run.usage).toMatchObject({ inputTokens: 230, outputTokens: 25 });
  });

  test("F11: at the tenth turn the model gets no tools and answers with what it has", async () => {
    cluster.gate.use(() => {});
    const nine = Array.from({ length: 9 }, (_, index) =>
      calls({ id: `c${index}`, name: "gate", input: { id: `g${index}` } }),
    );
    const run = await cluster.run(...nine, answer("That is all I know."));
    expect(run).toMatchObject({ answer: "That is all I know.", finishReason: "max-turns", turns: 10 });
    expect(run.toolCalls).toHaveLength(9);
    expect(cluster.modelRequests.at(-1)?.tool_choice).toBe("none");
  });

  test("bad input to the agent is a 400 that names the field", async () => {
    const { status, body } = await cluster.call("/restate/call/TestAgent/run", { massage: "Hi" });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain("message: expected string, got nothing");
  });

  test("tools cannot be called from outside", async () => {
    const { status } = await cluster.call("/restate/call/gate/run", { id: "g" });
    expect(status).toBeGreaterThanOrEqual(400);
  });

  // Service protocol v7 wakes the agent once per fan-out; v6 for completions as they come, at most once per call.
  const agentInvocations = ({ fanOuts, calls }: { fanOuts: number; calls: number }) =>
    mode === "v6"
      ? expect.toSatisfy((count) => count > fanOuts && count <= fanOuts + 1 + calls)
      : fanOuts + 1;

  test.each([1, 8, 32])(
    "a fan-out of %i calls costs one invocation per call, and R+1 of the agent",
    async (count) => {
      cluster.gate.use(() => {});
      await cluster.run(calls(...gates(count)), answer("done"));
      const { agent, gate } = cluster.lambda.stats().functions;
      expect(gate?.invocations).toBe(count);
      expect(agent?.invocations).toEqual(agentInvocations({ fanOuts: 1, calls: count }));
    },
  );

  test("three fan-outs of one run cost R+1 invocations of the agent", async () => {
    cluster.gate.use(() => {});
    const [a, b, c, d] = gates(4) as [never, never, never, never];
    await cluster.run(calls(a, b), calls(c), calls(d), answer("done"));
    const { agent, gate } = cluster.lambda.stats().functions;
    expect(gate?.invocations).toBe(4);
    expect(agent?.invocations).toEqual(agentInvocations({ fanOuts: 3, calls: 4 }));
  });
});
