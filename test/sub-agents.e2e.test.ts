import type { ChatCompletionRequest } from "@copilotkit/aimock";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AgentOutput } from "../lib/agent/index.ts";
import { query } from "../lib/restate/index.ts";
import { MODES } from "../lib/testing/index.ts";
import type { Cluster } from "./support/cluster.ts";
import { barrier, closed } from "./support/gate.ts";
import { answer, calls, type Reply, replies, silence } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const used = (reply: Reply, input: number, output: number): Reply =>
  ({ ...reply, usage: { input_tokens: input, output_tokens: output } }) as Reply;
const child = (id: string, message = "Look it up.") => ({ id, name: "TestAgent", input: { message } });

/** This one has tools that read only, so several of it may run at the same time. */
const reader = (id: string, message: string) => ({ id, name: "StructuredAgent", input: { message } });

/** Two scripts, one for the parent and one for its children, told apart by the instructions. */
function family(parent: Reply[], children: Reply[]) {
  const scripts = { parent: replies(...parent), children: replies(...children) };
  return (request: ChatCompletionRequest) =>
    JSON.stringify(request.messages).includes("You are the parent.")
      ? scripts.parent(request)
      : scripts.children(request);
}

describe.each(MODES)("on %s", (mode) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster(mode);
  });
  afterAll(() => cluster?.stop());
  beforeEach(() => cluster.gate.use(() => {}));

  const runParent = async (
    parent: Reply[],
    children: Reply[],
    options: object = {},
  ): Promise<AgentOutput> => {
    await cluster.use(family(parent, children));
    const { status, body } = await cluster.call("/restate/call/ParentAgent/run", {
      message: "Go.",
      ...options,
    });
    expect(status, JSON.stringify(body)).toBe(200);
    return body as AgentOutput;
  };

  test("two sub-agents work at the same time, each with tools of its own", async () => {
    cluster.gate.use(barrier(2));
    const run = await runParent(
      [calls(reader("a", "Look here."), reader("b", "Look there.")), answer("both")],
      [calls({ id: "g", name: "gate", input: { id: "g" } }), answer('{"city":"Tokyo","celsius":18.4}')],
    );
    expect(run).toMatchObject({ answer: "both", finishReason: "stop" });
    expect(run.toolCalls).toMatchObject([
      { id: "a", tool: "StructuredAgent", status: "ok" },
      { id: "b", tool: "StructuredAgent", status: "ok" },
    ]);
    expect(cluster.invocations("parent")).toEqual(mode === "v6" ? expect.any(Number) : 2);
  });

  test("what a sub-agent used is part of the run's usage", async () => {
    const run = await runParent(
      [used(calls(child("a")), 100, 10), used(answer("done"), 200, 20)],
      [used(answer("found"), 1000, 100)],
    );
    expect(run.usage).toMatchObject({ inputTokens: 1300, outputTokens: 130 });
    expect(run.toolCalls[0]).toMatchObject({ usage: { inputTokens: 1000, outputTokens: 100 } });
  });

  test("F11: a run's limits hold for its sub-agents too", async () => {
    const run = await runParent(
      [used(calls(child("a")), 100, 0), answer("enough")],
      [used(calls({ id: "g", name: "gate", input: { id: "g" } }), 900, 0), answer("cut short")],
      { limits: { maxTokens: 1000 } },
    );
    expect(run).toMatchObject({ answer: "enough", finishReason: "max-tokens" });
    const toldChild = cluster.modelRequests.filter(({ tool_choice }) => tool_choice === "none");
    expect(toldChild).toHaveLength(2);
  });

  test("F13: cancelling a run cancels its sub-agents and their calls", async () => {
    cluster.gate.use(closed);
    await cluster.use(
      family(
        [calls(child("a")), answer("never")],
        [calls({ id: "s", name: "slow", input: { id: "s" } }), answer("never")],
      ),
    );
    const { body } = await cluster.call("/restate/send/ParentAgent/run", { message: "Go." });
    const { invocationId } = body as { invocationId: string };
    await expect.poll(() => cluster.gate.history).toContain("arrived s");
    await fetch(`${cluster.restate.adminUrl}/invocations/${invocationId}/cancel`, { method: "PATCH" });
    const unfinished = () =>
      query(
        { url: cluster.restate.adminUrl },
        "SELECT target FROM sys_invocation WHERE status <> 'completed'",
      );
    await expect.poll(unfinished, { timeout: 15_000 }).toEqual([]);
  });

  test("F8: bad input to a sub-agent is a result that names the field", async () => {
    const run = await runParent(
      [calls({ id: "a", name: "TestAgent", input: { massage: 1 } }), answer("sorry")],
      [],
    );
    expect(run.toolCalls[0]).toMatchObject({
      status: "invalid-input",
      error: expect.stringContaining("message: "),
    });
  });

  test.each(["/restate/call/TestAgent/call", "/restate/send/TestAgent/call", "/TestAgent/call"])(
    "what agents call of each other cannot be reached from outside, though their service is public: %s",
    async (path) => {
      await cluster.use(family([], [answer("reached")]));
      const { status, body } = await cluster.call(path, { message: "Go.", depth: 0 });
      expect(status).toBe(400);
      expect(body).toMatchObject({ message: expect.stringMatching(/not public/) });
      expect(cluster.invocations("agent")).toBe(0);
    },
  );

  describe("an answer of a given shape", () => {
    const ask = async (...script: Reply[]) => {
      await cluster.use(replies(...script));
      return cluster.call("/restate/call/StructuredAgent/run", { message: "Go." });
    };
    const good = answer('{"city":"Tokyo","celsius":18.4}');

    test("is JSON in the output, also when the model wraps it in a fence", async () => {
      expect(await ask(good)).toMatchObject({
        status: 200,
        body: { answer: { city: "Tokyo", celsius: 18.4 }, turns: 1 },
      });
      const fenced = await ask(answer('```json\n{"city":"Tokyo","celsius":18.4}\n```'));
      expect(fenced).toMatchObject({ status: 200, body: { answer: { city: "Tokyo" } } });
    });

    test("gets one more turn when it does not fit, and the model is told why", async () => {
      const repaired = await ask(answer('{"city":"Tokyo"}'), good);
      expect(repaired).toMatchObject({ status: 200, body: { answer: { celsius: 18.4 }, turns: 2 } });
      expect(JSON.stringify(cluster.modelRequests.at(-1)?.messages.at(-1))).toContain(
        "celsius: expected number",
      );
    });

    test("ends the run when it still does not fit, naming the field", async () => {
      const { status, body } = await ask(answer("It is warm."), answer('{"city":"Tokyo","celsius":"warm"}'));
      expect(status).toBe(502);
      expect((body as { message: string }).message).toContain("celsius: expected number");
    });

    test("F11: is none when the deadline passes before the model gave one", async () => {
      await cluster.use(replies(silence));
      const { status, body } = await cluster.call("/restate/call/StructuredAgent/run", {
        message: "Go.",
        limits: { deadline: { seconds: 0.5 } },
      });
      expect(status).toBe(504);
      expect(body).toMatchObject({ message: "The deadline passed before the model gave an answer." });
    });

    test("has its schema in Restate's OpenAPI", async () => {
      const response = await fetch(`${cluster.restate.adminUrl}/services/StructuredAgent/openapi`);
      expect(JSON.stringify(await response.json())).toContain('"celsius":{"type":"number"}');
    });
  });
});
