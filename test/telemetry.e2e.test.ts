import type { ChatCompletionRequest } from "@copilotkit/aimock";
import getPort from "get-port";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AgentOutput } from "../lib/agent/index.ts";
import type { Mode } from "../lib/testing/index.ts";
import { answerTo, asked } from "./support/approvals.ts";
import { SECRETS } from "./support/bench.ts";
import type { Cluster } from "./support/cluster.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { Refusal } from "./support/gate.ts";
import { DISTINCT_MODES } from "./support/modes.ts";
import { answer, calls, type Reply, replies, type Script } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

/** A parent that asks a sub-agent and a tool at once; the sub-agent asks two composites and a writing tool. */
const family: Script = (request: ChatCompletionRequest) =>
  JSON.stringify(request.messages).includes("You are the parent.")
    ? replies(
        calls(
          { id: "sub", name: "TestAgent", input: { message: "Look." } },
          { id: "read", name: "gate", input: { id: "a" } },
        ),
        answer("done"),
      )(request)
    : replies(
        calls(
          { id: "parts", name: "composite", input: { ids: ["p", "q"] } },
          { id: "steps", name: "steps", input: { numbers: [1, 2] } },
          { id: "write", name: "record", input: { id: "w" } },
        ),
        answer("done"),
      )(request);

/** A span's name, and below it what is part of it. */
type Tree = [name: string, ...parts: Tree[]];

/** The spans below one, by name. Attempts that did nothing but wait are left out: how many there are depends on the server. */
function treeOf(spans: readonly ReceivedSpan[], parent = ""): Tree[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .map((span): Tree => [span.name, ...treeOf(spans, span.spanId)])
    .filter(([name, ...parts]) => !name.startsWith("attempt") || parts.length > 0)
    .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)));
}

const turn = (agent: string, number: number): Tree => [
  `attempt ${agent}`,
  [`run (model turn ${number})`, ["chat scripted", ["POST"]]],
];
const gate: Tree = ["execute_tool gate", ["attempt gate/run", ["POST"]]];

/** With settings of their own none of them is warm. */
const FUNCTIONS = ["agent", "parent", "composite", "fails", "gate", "guarded", "record", "steps"];
const begin = async (settingsOfAll: Record<string, string>, mode: Mode = "v7") =>
  startWarmCluster(mode, { settingsOfAll, functions: FUNCTIONS });

describe.each(DISTINCT_MODES)("on %s", (mode) => {
  let collector: Collector;
  let cluster: Cluster;
  beforeAll(async () => {
    collector = await startCollector();
    cluster = await begin(
      { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, FANOUT_METRICS: "fanout-test" },
      mode,
    );
  });
  afterAll(async () => {
    await cluster?.stop();
    await collector?.stop();
  });
  beforeEach(() => {
    cluster.gate.use(() => {});
    cluster.log.length = 0;
    collector.spans.length = 0;
    collector.bodies.length = 0;
  });

  const named = (name: string) => collector.spans.filter((span) => span.name === name);
  /** All of a run: its own span is sent before it is answered. */
  const ask = async (agent: string, message: string, headers?: Record<string, string>) => {
    const { status, body } = await cluster.call(`/restate/call/${agent}/run`, { message }, headers);
    await expect.poll(() => named(`invoke_agent ${agent}`)).toHaveLength(1);
    return { status, output: body as AgentOutput };
  };

  test("a run is one trace of its agents, turns, calls, parts and requests; each is told once, although runs wait and are replayed", async () => {
    await cluster.use(family);
    expect((await ask("ParentAgent", "Go.")).status).toBe(200);
    expect(treeOf(collector.spans)).toEqual([
      [
        "invoke_agent ParentAgent",
        turn("ParentAgent/run", 1),
        turn("ParentAgent/run", 2),
        [
          "execute_tool TestAgent",
          [
            "invoke_agent TestAgent",
            turn("TestAgent/call", 1),
            turn("TestAgent/call", 2),
            ["execute_tool composite", gate, gate],
            ["execute_tool record", ["attempt record/run", ["run (effect)", ["POST"]]]],
            ["execute_tool steps", ["attempt steps/run", ["run (double 1)"], ["run (double 2)"]]],
          ],
        ],
        gate,
      ],
    ]);
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(new Set(collector.spans.map(({ spanId }) => spanId)).size).toBe(collector.spans.length);
    for (const name of ["agent", "parent", "composite", "gate", "record", "steps"]) {
      const attempts = collector.spans.filter(
        (span) => span.function === name && span.name.startsWith("attempt "),
      );
      expect({ name, attempts: attempts.length }).toEqual({ name, attempts: cluster.invocations(name) });
    }
  });

  test("a call that waits for an approval is one call, and so are its parts; what is told and asked beside it leaves no spans", async () => {
    const run = await (async () => {
      await cluster.use(
        replies(
          calls(
            { id: "ask", name: "guarded", input: { id: "a" } },
            { id: "parts", name: "composite", input: { ids: ["p"], guarded: ["q"] } },
          ),
          answer("done"),
        ),
      );
      const { body } = await cluster.call("/restate/send/TestAgent/run", { message: "Go.", events: true });
      return (body as { invocationId: string }).invocationId;
    })();
    for (const { id } of (await asked(cluster, run, 2)).values())
      await answerTo(cluster, run, { approval: id, approve: true });
    await cluster.outcome(run);
    await expect.poll(() => named("invoke_agent TestAgent")).toHaveLength(1);
    const guarded: Tree = ["execute_tool guarded", ["attempt guarded/run", ["POST"]]];
    await expect
      .poll(() => treeOf(collector.spans))
      .toEqual([
        [
          "invoke_agent TestAgent",
          turn("TestAgent/run", 1),
          turn("TestAgent/run", 2),
          ["execute_tool composite", gate, guarded],
          guarded,
        ],
      ]);
    const known = new Set(["", ...collector.spans.map(({ spanId }) => spanId)]);
    expect(
      collector.spans.filter(({ parentSpanId }) => !known.has(parentSpanId ?? "")).map(({ name }) => name),
    ).toEqual([]);
  });

  test("spans say what the conventions for generative AI ask for, and how calls ended", async () => {
    await cluster.runWith(
      { model: "openai/gpt-5.4-mini" },
      {
        ...calls(
          { id: "a", name: "gate", input: { id: "g" } },
          { id: "b", name: "fails", input: { how: "always" } },
          { id: "c", name: "gate", input: { id: 5 } },
          { id: "d", name: "marker-name", input: {} },
        ),
        usage: { input_tokens: 100, output_tokens: 20 },
      } as Reply,
      answer("done"),
    );
    await expect.poll(() => named("invoke_agent TestAgent")).toHaveLength(1);
    const [run] = named("invoke_agent TestAgent");
    expect(run?.attributes).toMatchObject({
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "TestAgent",
      "fanout.run.finish_reason": "stop",
      "fanout.run.tool_calls": 4,
    });
    expect(named("chat gpt-5.4-mini")[0]?.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-5.4-mini",
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 20,
      "gen_ai.response.finish_reasons": ["tool-calls"],
    });
    const ended = collector.spans
      .filter(({ name }) => name.startsWith("execute_tool"))
      .map(({ attributes, failed, parentSpanId }) => ({
        id: attributes["gen_ai.tool.call.id"],
        tool: attributes["gen_ai.tool.name"],
        status: attributes["fanout.call.status"],
        attempts: attributes["fanout.call.attempts"],
        failed,
        isPart: parentSpanId === run?.spanId,
      }))
      .toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1));
    expect(ended).toEqual([
      { id: "a", tool: "gate", status: "ok", attempts: 1, failed: false, isPart: true },
      { id: "b", tool: "fails", status: "error", attempts: 3, failed: true, isPart: true },
      { id: "c", tool: "gate", status: "invalid-input", attempts: 0, failed: true, isPart: true },
      { id: "d", tool: "(unknown)", status: "unknown-tool", attempts: 0, failed: true, isPart: true },
    ]);
    for (const span of collector.spans) expect(span.endedAt).toBeGreaterThanOrEqual(span.startedAt);
  });

  test("a program that has a trace of its own finds the run in it, and everything that the run called", async () => {
    await cluster.use(family);
    const [traceId, spanId] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
    await ask("ParentAgent", "Go.", { traceparent: `00-${traceId}-${spanId}-01` });
    expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
    expect(treeOf(collector.spans, spanId).map(([name]) => name)).toEqual(["invoke_agent ParentAgent"]);
    expect(named("execute_tool gate")).toHaveLength(3);
  });

  test("a program that does not record its trace gets no spans of the run", async () => {
    await cluster.use(family);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    await cluster.call("/restate/call/ParentAgent/run", { message: "Go." }, { traceparent });
    await ask("TestAgent", "Go.");
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(named("invoke_agent ParentAgent")).toEqual([]);
  });

  test("a long run is one span, although it goes on in a child run", async () => {
    cluster.gate.use(() => "Six turns of eight calls. ".repeat(60));
    const turns = Array.from({ length: 6 }, (_, turn) =>
      calls(
        ...Array.from({ length: 8 }, (_, call) => ({
          id: `t${turn}c${call}`,
          name: "gate",
          input: { id: `t${turn}c${call}` },
        })),
      ),
    );
    await cluster.use(replies(...turns, answer("done")));
    await ask("TestAgent", "Go.");
    const [[, ...parts] = []] = treeOf(collector.spans);
    const of = (prefix: string) => parts.filter(([name]) => name.startsWith(prefix));
    expect(of("execute_tool gate")).toEqual(Array(48).fill(gate));
    expect(of("attempt TestAgent/run").length + of("attempt TestAgent/continue").length).toBe(7);
    expect(of("attempt TestAgent/continue").length).toBeGreaterThan(0);
    expect(treeOf(collector.spans)).toHaveLength(1);
  });

  test("nothing of what a run was given, found or said is in its spans", async () => {
    cluster.gate.use((id) => {
      if (id === "refused") throw new Refusal("marker-error");
      return "marker-output";
    });
    await cluster.use(
      replies(
        calls(
          { id: "in", name: "gate", input: { id: "refused" } },
          { id: "write", name: "record", input: { id: "refused" } },
          { id: "bug", name: "fails", input: { how: "quoting-unexpectedly", text: "marker-text" } },
          { id: "unknown", name: "marker-tool-name", input: {} },
          { id: "wrong", name: "gate", input: { id: 5, text: "marker-input" } },
        ),
        answer("marker-answer"),
      ),
    );
    expect((await ask("TestAgent", "marker-message")).status).toBe(200);
    collector.spans.length = 0;
    await cluster.use(() => ({ error: { message: "marker-provider" }, status: 400 }) as Reply);
    expect((await ask("TestAgent", "marker-message")).status).toBe(502);
    expect(named("invoke_agent TestAgent")[0]).toMatchObject({
      failed: true,
      attributes: { "error.type": "ModelFailure" },
    });
    expect(collector.bodies.join("\n")).not.toMatch(/marker-/);
    expect(collector.bodies.join("\n")).not.toContain(SECRETS.toolSecret);
  });

  test("the metrics of a fan-out add up to what happened", async () => {
    await cluster.use(family);
    const { output } = await ask("ParentAgent", "Go.");
    const lines = () =>
      cluster.log.filter((line) => line.startsWith('{"_aws"')).map((line) => JSON.parse(line));
    const sum = (metric: string, of: Record<string, string> = {}) =>
      lines()
        .filter((line) => Object.entries(of).every(([name, value]) => line[name] === value))
        .reduce((total, line) => total + (line[metric] ?? 0), 0);
    await expect.poll(() => sum("Runs")).toBe(1);
    // The parent's two, the child's three, and the two parts of the composite.
    await expect.poll(() => sum("Calls")).toBe(7);
    expect(sum("Calls", { Tool: "gate", Status: "ok" })).toBe(3);
    expect(sum("FailedCalls")).toBe(0);
    expect(sum("FailedRuns")).toBe(0);
    expect(sum("InputTokens")).toBe(output.usage.inputTokens);
    expect(sum("OutputTokens")).toBe(output.usage.outputTokens);
    expect(lines().filter(({ QueueTime }) => QueueTime !== undefined)).toHaveLength(5);
    expect(new Set(lines().map(({ Deployment }) => Deployment))).toEqual(new Set(["fanout-test"]));

    await cluster.run(
      calls(
        { id: "a", name: "fails", input: { how: "for-good" } },
        { id: "b", name: "marker-name", input: {} },
      ),
      answer("done"),
    );
    await expect.poll(() => sum("Runs")).toBe(2);
    expect(sum("FailedCalls", { Tool: "fails", Status: "error" })).toBe(1);
    expect(sum("FailedCalls", { Tool: "(unknown)", Status: "unknown-tool" })).toBe(1);
    await cluster.use(() => ({ error: { message: "no" }, status: 400 }) as Reply);
    await cluster.call("/restate/call/TestAgent/run", { message: "Go." });
    await expect.poll(() => sum("FailedRuns")).toBe(1);
    expect(sum("Runs", { Agent: "TestAgent" })).toBe(2);
  });
});

test("a collector that is not there harms no run", async () => {
  const cluster = await begin({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await getPort()}` });
  try {
    const run = () => cluster.run(calls({ id: "a", name: "gate", input: { id: "g" } }), answer("done"));
    expect(await run()).toMatchObject({ answer: "done", toolCalls: [{ status: "ok" }] });
    expect(await run()).toMatchObject({ answer: "done", toolCalls: [{ status: "ok" }] });
  } finally {
    await cluster.stop();
  }
});

test("without settings a run writes no metrics and sends no spans", async () => {
  const cluster = await begin({});
  try {
    await cluster.run(calls({ id: "a", name: "gate", input: { id: "g" } }), answer("done"));
    await expect.poll(() => cluster.log.join("\n")).toContain("run ended");
    expect(cluster.log.join("\n")).not.toContain("_aws");
  } finally {
    await cluster.stop();
  }
});
