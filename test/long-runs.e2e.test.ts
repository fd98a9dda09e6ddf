import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AgentOutput } from "../lib/agent/index.ts";
import { readProgress } from "../lib/cli/run/progress.ts";
import { cancelInvocation, query } from "../lib/restate/index.ts";
import type { Cluster } from "./support/cluster.ts";
import { DISTINCT_MODES } from "./support/modes.ts";
import { answer, calls, type Reply } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const TURNS = 8;
const CALLS = 8;
/** What one call brings back: so much that the run's journal pays to be left behind after five turns. */
const TEXT = "Eight turns of eight calls. ".repeat(60);

const idsOf = (turn: number) => Array.from({ length: CALLS }, (_, index) => `t${turn}c${index}`);
const turnOf = (turn: number): Reply =>
  calls(...idsOf(turn).map((id) => ({ id, name: "gate", input: { id } })));
const LONG = [...Array.from({ length: TURNS }, (_, turn) => turnOf(turn)), answer("done")];

const continuations = (cluster: Cluster) =>
  query<{ id: string; status: string; failure?: string }>(
    { url: cluster.restate.adminUrl },
    `SELECT id, status, completion_failure AS failure FROM sys_invocation
     WHERE target_handler_name = 'continue' ORDER BY created_at DESC LIMIT 1`,
  );
const callIds = ({ toolCalls }: AgentOutput) => toolCalls.map(({ id }) => id);

describe.each(DISTINCT_MODES)("a long run, %s", (mode) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster(mode);
  });
  afterAll(() => cluster?.stop());

  test("goes on in a child run, and its output shows nothing of it", async () => {
    cluster.gate.use(() => TEXT);
    const output = await cluster.run(...LONG);
    expect(output).toMatchObject({ answer: "done", finishReason: "stop", turns: TURNS + 1 });
    expect(callIds(output)).toEqual(Array.from({ length: TURNS }, (_, turn) => idsOf(turn)).flat());
    expect(output.toolCalls.every(({ status }) => status === "ok")).toBe(true);
    expect(output.usage.perTurn).toHaveLength(TURNS + 1);
    expect(await continuations(cluster)).toMatchObject([{ status: "completed" }]);
    // The model has read every result, also those of the journal that was left behind.
    expect(cluster.modelRequests.at(-1)?.messages.filter(({ role }) => role === "tool")).toHaveLength(
      TURNS * CALLS,
    );
  });
});

describe("a run that has gone on", () => {
  let cluster: Cluster;
  const admin = () => ({ url: cluster.restate.adminUrl });
  beforeAll(async () => {
    cluster = await startWarmCluster("v7");
  });
  afterAll(() => cluster?.stop());

  /** Begins a run whose calls stay at the gate in this turn, and waits until they are there. */
  const until = async (turn: number) => {
    const { promise, resolve: release } = Promise.withResolvers<void>();
    cluster.gate.use((id) => (id.startsWith(`t${turn}`) ? promise : TEXT));
    const id = await cluster.begin(...LONG);
    await expect
      .poll(() => cluster.gate.history.filter((event) => event.startsWith(`arrived t${turn}`)))
      .toHaveLength(CALLS);
    return { id, release };
  };

  test("costs two invocations more, and sends less", async () => {
    cluster.gate.use(() => TEXT);
    await cluster.run(...LONG);
    expect(cluster.invocations("agent")).toBe(TURNS + 1 + 2);
  });

  test("is one run in the log", async () => {
    cluster.gate.use(() => TEXT);
    cluster.log.length = 0;
    const id = await cluster.begin(...LONG);
    await cluster.outcome(id);
    const lines = () =>
      cluster.log
        .flatMap((text) => text.split("\n"))
        .filter((line) => line.includes('"event"'))
        .map((line) => JSON.parse(line).message as { event: string; run: string; turn?: number });
    await expect.poll(() => lines().filter(({ event }) => event === "run ended")).toHaveLength(1);
    expect(new Set(lines().map(({ run }) => run))).toEqual(new Set([id]));
    const turns = lines().filter(({ event }) => event === "turn ended");
    expect(turns.map(({ turn }) => turn)).toEqual(Array.from({ length: TURNS + 1 }, (_, turn) => turn + 1));
  });

  test("has one timeline, while it runs and afterwards", async () => {
    const { id, release } = await until(6);
    const during = await readProgress(admin(), id);
    expect(during?.turns.map(({ calls }) => calls.length)).toEqual(Array(7).fill(CALLS));
    expect(during?.turns.at(-1)?.calls.every(({ state }) => state === "running")).toBe(true);
    release();
    await cluster.outcome(id);
    const afterwards = await readProgress(admin(), id);
    expect(afterwards?.endedAt).toBeGreaterThan(0);
    expect(afterwards?.turns.map(({ calls }) => calls.length)).toEqual([...Array(TURNS).fill(CALLS), 0]);
  });

  test("F13: is cancelled with its child run and all their calls", async () => {
    const { id, release } = await until(6);
    await cancelInvocation(admin(), id);
    await expect(cluster.outcome(id)).rejects.toThrow(/409.*cancelled/is);
    await expect
      .poll(() => continuations(cluster))
      .toMatchObject([{ failure: expect.stringMatching(/cancelled/i) }]);
    // A function cannot be interrupted; what it is still doing ends by itself.
    release();
    const pending = `SELECT id FROM sys_invocation WHERE status <> 'completed'`;
    await expect.poll(() => query(admin(), pending)).toEqual([]);
  });

  test("F11: keeps the limits that it began with", async () => {
    cluster.gate.use(() => TEXT);
    const output = await cluster.runWith(
      { limits: { maxToolCalls: 52 } },
      ...LONG.slice(0, 7),
      answer("so far"),
    );
    expect(output).toMatchObject({ answer: "so far", finishReason: "max-tool-calls", turns: 8 });
    expect(output.toolCalls.filter(({ status }) => status === "over-limit")).toHaveLength(4);
  });

  test("fails as any run does", async () => {
    cluster.gate.use(() => TEXT);
    const failure = { error: { message: "No more." }, status: 400 };
    await expect(cluster.run(...LONG.slice(0, 7), failure)).rejects.toThrow(
      /the run answered 502: .*answered 400: No more\./,
    );
  });

  test("survives the death of the server", async () => {
    let restarted: Promise<void> | undefined;
    cluster.gate.use(async (id) => {
      if (id === "t6c0") restarted ??= cluster.crashServer();
      return TEXT;
    });
    const id = await cluster.begin(...LONG);
    expect(callIds(await cluster.outcome(id))).toHaveLength(TURNS * CALLS);
    await restarted;
  });
});
