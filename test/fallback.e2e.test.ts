import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cancelInvocation, query } from "../lib/restate/index.ts";
import { type OwnCluster, startCluster } from "./support/cluster.ts";
import { type CrashPoint, type CrashProxy, startCrashingCluster } from "./support/crash-proxy.ts";
import { closed } from "./support/gate.ts";
import { answer, calls, type Reply, type Script } from "./support/script.ts";
import { watch } from "./support/watch.ts";

const RUN = "/restate/call/TestAgent/run";
const GO = { message: "Go." };
const CLAUDE = "anthropic/claude-haiku-4-5";
const FALLING = { agent: "falling" };

const read = (id: string) => calls({ id, name: "gate", input: { id } });
const away: Reply = { error: { message: "It broke." }, status: 500 };
const unknown: Reply = { error: { message: "There is no such model." }, status: 404 };

/** Models that answer each turn as this says; turns count from 1. */
function models(said: Record<"openai" | "claude", (turn: number) => Reply | Promise<Reply>>): Script {
  return ({ model, messages }) => {
    const results = messages.filter(({ role }) => role === "tool").length;
    return said[model.startsWith("claude") ? "claude" : "openai"](results + 1);
  };
}

const asked = ({ modelRequests }: OwnCluster) =>
  modelRequests.map(({ model }) => (model.startsWith("claude") ? "claude" : "openai"));

describe("a model and the next one", () => {
  let cluster: OwnCluster;
  beforeAll(async () => {
    cluster = await startCluster("v7", { functions: ["agent", "gate"] });
    await cluster.deploy(FALLING);
    cluster.gate.use(() => {});
  });
  afterAll(() => cluster?.stop());

  test("a run whose model fails in its second turn goes on with the next model, and stays with it", async () => {
    cluster.log.length = 0;
    await cluster.use(
      models({
        openai: (turn) => (turn === 1 ? read("a") : away),
        claude: (turn) => (turn === 2 ? read("b") : answer("by another one")),
      }),
    );
    const { body: sent } = await cluster.call("/restate/send/TestAgent/run", { ...GO, events: "turns" });
    const { invocationId: id } = sent as { invocationId: string };
    expect(await cluster.outcome(id)).toMatchObject({
      answer: "by another one",
      finishReason: "stop",
      turns: 3,
      toolCalls: [
        { id: "a", status: "ok" },
        { id: "b", status: "ok" },
      ],
      usage: {
        perTurn: [expect.not.objectContaining({ model: CLAUDE }), { model: CLAUDE }, { model: CLAUDE }],
      },
    });
    expect(asked(cluster)).toEqual(["openai", "openai", "openai", "openai", "claude", "claude"]);
    const turns = (await watch(cluster, id)).filter(({ type }) => type.startsWith("turn-"));
    expect(turns.map((event) => ("model" in event ? event.model : "the run's own"))).toEqual(
      ["the run's own", CLAUDE, CLAUDE].flatMap((model) => [model, model]),
    );
    await expect.poll(() => cluster.log.join("\n")).toContain("run ended");
    const lines = cluster.log.map((line) => JSON.parse(line));
    const messages = lines.map(({ message }) => message);
    expect(messages.filter(({ event }) => event === "model given up")).toMatchObject([
      { turn: 2, model: "openai/scripted", next: CLAUDE },
    ]);
    expect(lines.find(({ message }) => message.event === "model given up").level).toBe("WARN");
    expect(messages.filter(({ event }) => event === "turn ended").map(({ model }) => model)).toEqual([
      "openai/scripted",
      CLAUDE,
      CLAUDE,
    ]);
  });

  test.each([
    ["three times", away, 3],
    ["for good", unknown, 1],
  ])("a fallback costs what a model that fails %s costs, and no more", async (_how, failure, tries) => {
    await cluster.use(models({ openai: () => failure, claude: () => answer("by another one") }));
    const { body } = await cluster.call(RUN, GO);
    expect(body).toMatchObject({ answer: "by another one", turns: 1 });
    expect(asked(cluster)).toEqual([...Array(tries).fill("openai"), "claude"]);
    const withFallback = cluster.invocations("agent");

    await cluster.use(models({ openai: () => failure, claude: () => failure }));
    await cluster.call(RUN, GO);
    // Each failed try is one; the last invocation ends the run, by an answer or by its failure.
    expect(withFallback).toBe(tries + 1);
    expect(cluster.invocations("agent")).toBe(2 * tries + 1);
  });

  test("a run whose models all fail says of each why", async () => {
    await cluster.use(models({ openai: () => away, claude: () => unknown }));
    const { status, body } = await cluster.call(RUN, GO);
    expect(status).toBe(502);
    expect(body).toMatchObject({
      message: `The model openai/scripted answered 500: It broke. The model ${CLAUDE} answered 404: There is no such model`,
    });
    expect(JSON.stringify(body)).not.toMatch(/marker-|127\.0\.0\.1|node_modules/);
  });

  /** Begins a run, cancels it while its first model is asked, and then lets that one reply. @returns the run's id. */
  async function cancelledWhileAsked(reply: Reply): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    await cluster.use(models({ openai: () => promise, claude: () => answer("too late") }));
    const { body } = await cluster.call("/restate/send/TestAgent/run", GO);
    const { invocationId: id } = body as { invocationId: string };
    await expect.poll(() => asked(cluster)).toEqual(["openai"]);
    const admin = { url: cluster.restate.adminUrl };
    await cancelInvocation(admin, id);
    const signals = `SELECT id FROM sys_journal WHERE id = '${id}' AND entry_type LIKE '%Signal%'`;
    await expect.poll(() => query(admin, signals)).toHaveLength(1);
    resolve(reply);
    return id;
  }

  test("F13: a run that is cancelled while its model fails asks no further one", async () => {
    const id = await cancelledWhileAsked(unknown);
    await expect(cluster.outcome(id)).rejects.toThrow("409");
    expect(asked(cluster)).toEqual(["openai"]);
  });

  test("F13: one that is cancelled while its model replies ends where it waits for its calls", async () => {
    cluster.gate.use(closed);
    const id = await cancelledWhileAsked(read("a"));
    await expect(cluster.outcome(id)).rejects.toThrow("409");
    expect(asked(cluster)).toEqual(["openai"]);
    cluster.gate.use(() => {});
  });

  test("a reply that maxOutputTokens cuts ends the run as such", async () => {
    await cluster.use(
      models({ openai: () => unknown, claude: () => ({ ...answer("It is su"), finishReason: "length" }) }),
    );
    const { body } = await cluster.call(RUN, GO);
    expect(body).toMatchObject({ answer: "It is su", finishReason: "length" });
    expect(cluster.modelRequests.at(-1)).toMatchObject({ max_tokens: 500 });
    expect(await cluster.call(RUN, { ...GO, maxOutputTokens: 501 })).toMatchObject({ status: 400 });
  });
});

describe("a crash between the models", () => {
  let cluster: OwnCluster;
  let proxy: CrashProxy;
  beforeAll(async () => {
    ({ cluster, proxy } = await startCrashingCluster({ functions: ["agent", "gate"] }));
    await cluster.deploy(FALLING);
    cluster.gate.use(() => {});
  });
  afterAll(async () => {
    await cluster?.stop();
    await proxy?.stop();
  });

  async function runWithCrash(point: CrashPoint | undefined, crash: () => void) {
    proxy.arm(point, crash);
    const script = models({
      openai: () => unknown,
      claude: (turn) => (turn === 1 ? read("a") : answer("All done.")),
    });
    const [id = ""] = await cluster.beginMany(1, script);
    const { answer: text, turns, toolCalls, usage } = await cluster.outcome(id);
    const steps = await query<{ name: string }>(
      { url: cluster.restate.adminUrl },
      `SELECT name FROM sys_journal WHERE id = '${id}' AND entry_type = 'Command: Run' ORDER BY index`,
    );
    return {
      text,
      turns,
      calls: toolCalls.map(({ id: call, status }) => [call, status]),
      models: usage.perTurn.map(({ model }) => model),
      steps: steps.map(({ name }) => name),
    };
  }

  const UNDISTURBED = {
    text: "All done.",
    turns: 2,
    calls: [["a", "ok"]],
    models: [CLAUDE, CLAUDE],
    steps: ["model turn 1", `model turn 1, ${CLAUDE}`, `model turn 2, ${CLAUDE}`],
  };
  const INVOCATIONS = ["agent", "agent", "gate", "agent"];

  test("none is what the crashes are compared with", async () => {
    expect(await runWithCrash(undefined, () => {})).toEqual(UNDISTURBED);
    expect(proxy.invoked).toEqual(INVOCATIONS);
  });

  const points = INVOCATIONS.flatMap((_, index) =>
    (["after", "answering"] as const).map((when): CrashPoint => ({ invocation: index + 1, when })),
  );

  test.each(points)("F12: the server dies $when invocation $invocation", async (point) => {
    expect(await runWithCrash(point, () => void cluster.crashServer())).toEqual(UNDISTURBED);
  });
});
