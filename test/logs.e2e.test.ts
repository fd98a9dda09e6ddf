import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChatCompletionRequest } from "@copilotkit/aimock";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AgentOutput } from "../lib/agent/index.ts";
import { cancelInvocation } from "../lib/restate/index.ts";
import { SECRETS } from "./support/bench.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { closed } from "./support/gate.ts";
import { DISTINCT_MODES } from "./support/modes.ts";
import { answer, calls, type Reply, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

/** A line of a function's log, as Lambda writes it. */
interface Line {
  level: string;
  message: { event: string; service: string; invocation: string; run: string; call?: string } & Record<
    string,
    unknown
  >;
}

/** What must not be in a log: each is in one place of a run. */
const MARKERS = {
  message: "marker-message",
  input: "marker-input",
  output: "marker-output",
  error: "marker-error",
  secret: SECRETS.toolSecret,
  key: SECRETS.modelKey,
  answer: "marker-answer",
  toolName: "marker-tool-name",
  provider: "marker-provider",
};

const done = answer("done");
const refusal = (status: number) => ({ error: { message: MARKERS.provider }, status }) as Reply;

const linesOf = ({ log }: Cluster): Line[] => log.map((line) => JSON.parse(line));
const events = (cluster: Cluster, run: string) =>
  linesOf(cluster)
    .map(({ message }) => message)
    .filter((message) => message.run === run);
const named = (lines: Line["message"][], event: string) => lines.filter((line) => line.event === event);

/** The id of a run, when its last line is in the log: lines travel apart from answers. */
async function logged(cluster: Cluster, event: string): Promise<string> {
  const last = () =>
    named(
      linesOf(cluster).map(({ message }) => message),
      event,
    ).at(-1)?.run;
  await expect.poll(last, { timeout: 10_000 }).toEqual(expect.any(String));
  return last() as string;
}

describe.each(DISTINCT_MODES)("on %s", (mode) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster(mode);
  });
  afterAll(() => cluster?.stop());
  beforeEach(() => {
    cluster.gate.use(() => {});
    cluster.log.length = 0;
  });

  test("the lines of everything that a run caused have its id, and those of a call the model's id of it", async () => {
    const scripts = {
      parent: replies(
        calls(
          { id: "sub", name: "TestAgent", input: { message: "Look." } },
          { id: "read", name: "gate", input: { id: "a" } },
        ),
        done,
      ),
      child: replies(
        calls(
          { id: "parts", name: "composite", input: { ids: ["p", "q"] } },
          { id: "write", name: "record", input: { id: "w" } },
        ),
        done,
      ),
    };
    await cluster.use((request: ChatCompletionRequest) =>
      JSON.stringify(request.messages).includes("You are the parent.")
        ? scripts.parent(request)
        : scripts.child(request),
    );
    await cluster.call("/restate/call/ParentAgent/run", { message: "Go." });
    const run = await logged(cluster, "run ended");
    const lines = events(cluster, run).map(({ event, service, call }) => `${service}: ${event} (${call})`);
    expect(lines.toSorted()).toEqual([
      "ParentAgent: run ended (undefined)",
      "ParentAgent: turn ended (undefined)",
      "ParentAgent: turn ended (undefined)",
      "TestAgent: call ended (sub)",
      "TestAgent: turn ended (sub)",
      "TestAgent: turn ended (sub)",
      "composite: call ended (parts)",
      "gate: call ended (parts)",
      "gate: call ended (parts)",
      "gate: call ended (read)",
      "record: call ended (write)",
    ]);
    expect(linesOf(cluster)).toHaveLength(lines.length);
  });

  test("headers of a caller say nothing of a run: neither whose it is, nor what its calls may take", async () => {
    cluster.gate.use(() => "told");
    await cluster.use(
      replies(
        calls(
          { id: "read", name: "gate", input: { id: "a" } },
          { id: "parts", name: "composite", input: { ids: ["p"] } },
          { id: "sub", name: "huge", input: { megabytes: 0.01 } },
        ),
        done,
      ),
    );
    const forged = { "X-Fanout": "run=inv_1forged&call=forged&bytes=1&ms=0&until=1" };
    const { body } = await cluster.call("/restate/call/TestAgent/run", { message: "Go." }, forged);
    expect((body as AgentOutput).toolCalls.map(({ status, truncated }) => [status, truncated])).toEqual(
      Array(3).fill(["ok", false]),
    );
    await cluster.call("/restate/call/TestAgent/run", { massage: "Go." }, forged);
    expect(await logged(cluster, "request refused")).toMatch(/^inv_/);
    expect(named(events(cluster, await logged(cluster, "run ended")), "call ended")).toHaveLength(4);
    expect(cluster.log.join("\n")).not.toContain("forged");
  });

  test("a line says how its call, turn or run went", async () => {
    const used = { input_tokens: 100, output_tokens: 20 };
    await cluster.runWith(
      { model: "openai/gpt-5.4-mini" },
      {
        ...calls(
          { id: "a", name: "gate", input: { id: "g" } },
          { id: "b", name: "fails", input: { how: "always" } },
          { id: "c", name: "huge", input: { megabytes: 0.1 } },
        ),
        usage: used,
      },
      { ...done, usage: used },
    );
    const lines = events(cluster, await logged(cluster, "run ended"));
    expect(named(lines, "turn ended")).toMatchObject([
      {
        turn: 1,
        model: "openai/gpt-5.4-mini",
        calls: ["gate", "fails", "huge"],
        inputTokens: 100,
        outputTokens: 20,
      },
      { turn: 2, calls: [], costUsd: expect.any(Number), durationMs: expect.any(Number) },
    ]);
    const ended = Object.fromEntries(named(lines, "call ended").map((line) => [line.call, line]));
    expect(ended).toMatchObject({
      a: { status: "ok", attempts: 1, truncated: false, resultBytes: 10 },
      b: { status: "error", attempts: 3, durationMs: expect.any(Number) },
      c: { status: "ok", truncated: true },
    });
    expect(named(lines, "run ended")).toMatchObject([
      {
        finishReason: "stop",
        turns: 2,
        toolCalls: 3,
        inputTokens: 200,
        outputTokens: 40,
        costUsd: expect.any(Number),
      },
    ]);
  });

  test("nothing of what a run was given, found or said is in the log", async () => {
    cluster.gate.use(() => MARKERS.output);
    await cluster.use(
      replies(
        calls(
          { id: "in", name: "gate", input: { id: MARKERS.input } },
          { id: "quoting", name: "fails", input: { how: "quoting", text: MARKERS.error } },
          { id: "bug", name: "fails", input: { how: "quoting-unexpectedly", text: MARKERS.error } },
          { id: "parts", name: "composite", input: { ids: [MARKERS.input], fail: true } },
          { id: "unknown", name: MARKERS.toolName, input: {} },
          { id: "refused", name: "gate", input: { id: 5, text: MARKERS.input } },
        ),
        answer(MARKERS.answer),
      ),
    );
    const run = () => cluster.call("/restate/call/TestAgent/run", { message: MARKERS.message });
    expect(await run()).toMatchObject({ status: 200, body: { answer: MARKERS.answer } });
    await logged(cluster, "run ended");
    await cluster.use(() => refusal(503));
    expect(await run()).toMatchObject({ status: 502 });
    await logged(cluster, "run failed");
    await cluster.call("/restate/call/TestAgent/run", { massage: MARKERS.message });
    await logged(cluster, "request refused");

    expect(
      named(
        linesOf(cluster).map(({ message }) => message),
        "unexpected error",
      ),
    ).toHaveLength(1);
    expect(cluster.log.join("\n")).not.toMatch(/marker-/);
  });

  test("an unexpected error is told by its class and where it came from in the project", async () => {
    const handler = "test/support/functions/fails/handler.ts";
    const source = readFileSync(join(import.meta.dirname, "..", handler), "utf8").split("\n");
    const line = source.findIndex((text) => text.includes("throw new RangeError")) + 1;
    await cluster.run(calls({ id: "bug", name: "fails", input: { how: "quoting-unexpectedly" } }), done);
    const lines = events(cluster, await logged(cluster, "run ended"));
    const [unexpected] = named(lines, "unexpected error");
    expect(unexpected).toMatchObject({ service: "fails", call: "bug", errorType: "RangeError" });
    const { frames } = unexpected as unknown as { frames: string[] };
    const [first, ...rest] = frames;
    expect(first).toMatch(new RegExp(`^${handler}:${line}:\\d+$`));
    expect(rest).toContainEqual(expect.stringMatching(/lib\/tool\/perform\.ts:\d+:\d+\)?$/));
    for (const frame of rest) expect(frame).toMatch(/^(.* \()?(lib|node_modules|node:|test)/);
  });

  test.each([
    ["refuses", 400, 1],
    ["stays away", 503, 3],
  ])(
    "a run whose model %s is logged as failed once, and each request with its status",
    async (_, status, asked) => {
      await cluster.use(() => refusal(status));
      await cluster.call("/restate/call/TestAgent/run", { message: "Go." });
      const run = await logged(cluster, "run failed");
      // Its attempts are over, and what they logged is before this run's lines.
      await cluster.run(done);
      await logged(cluster, "run ended");
      const lines = events(cluster, run);
      expect(named(lines, "run failed")).toEqual([
        {
          event: "run failed",
          service: "TestAgent",
          invocation: run,
          run,
          code: 502,
          errorType: "ModelFailure",
        },
      ]);
      expect(named(lines, "run ended")).toEqual([]);
      expect(named(lines, "model request failed")).toEqual(
        Array(asked).fill(expect.objectContaining({ status, retryable: status === 503 })),
      );
      const level = linesOf(cluster).find(({ message }) => message.event === "run failed")?.level;
      expect(level).toBe("ERROR");
    },
  );

  test("a run whose answer does not fit is logged as failed once", async () => {
    await cluster.use(replies(answer("no JSON"), answer("no JSON")));
    await cluster.call("/restate/call/StructuredAgent/run", { message: "Go." });
    const lines = events(cluster, await logged(cluster, "run failed"));
    expect(named(lines, "run failed")).toMatchObject([{ code: 502, errorType: "AnswerMisfit" }]);
  });

  test("a sub-agent that fails is a failed call of a run that does not fail", async () => {
    await cluster.use((request: ChatCompletionRequest) =>
      JSON.stringify(request.messages).includes("You are the parent.")
        ? replies(calls({ id: "sub", name: "TestAgent", input: { message: "Look." } }), done)(request)
        : refusal(400),
    );
    await cluster.call("/restate/call/ParentAgent/run", { message: "Go." });
    const lines = events(cluster, await logged(cluster, "run ended"));
    expect(named(lines, "call ended")).toMatchObject([
      { service: "TestAgent", call: "sub", status: "error" },
    ]);
    expect(named(lines, "run failed")).toEqual([]);
  });

  test("a cancelled run is not logged as failed", async () => {
    cluster.gate.use(closed);
    const id = await cluster.begin(calls({ id: "s", name: "slow", input: { id: "s" } }), done);
    await expect.poll(() => cluster.gate.history).toContain("arrived s");
    await cancelInvocation({ url: cluster.restate.adminUrl }, id);
    expect(await logged(cluster, "run cancelled")).toBe(id);
    const lines = events(cluster, id).map(({ event }) => event);
    expect(lines.filter((event) => event.startsWith("run "))).toEqual(["run cancelled"]);
  });
});

test("at debug level the log says what errors say, but no secret", async () => {
  const cluster = await startCluster("v7", { functions: ["agent", "fails"], logLevel: "DEBUG" });
  try {
    const input = { how: "quoting-unexpectedly", text: MARKERS.error };
    await cluster.run(calls({ id: "bug", name: "fails", input }), done);
    const run = await logged(cluster, "run ended");
    const texts = named(events(cluster, run), "unexpected error").map(({ text }) => text);
    expect(texts).toContain(`No ${MARKERS.error} for [secret].`);
    expect(named(events(cluster, run), "sdk").length).toBeGreaterThan(0);
    expect(cluster.log.join("\n")).not.toContain(MARKERS.secret);
  } finally {
    await cluster.stop();
  }
});
