import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cancelRun, killRun } from "../lib/cli/run/cancel-run.ts";
import { readRecord } from "../lib/cli/run/record.ts";
import { type RunFilter, readRuns } from "../lib/cli/run/runs.ts";
import {
  cancelInvocation,
  hasEnded,
  query,
  readDeployments,
  removeDeployment,
} from "../lib/restate/index.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { closed } from "./support/gate.ts";
import { answer, calls } from "./support/script.ts";

let cluster: Cluster;
const admin = () => ({ url: cluster.restate.adminUrl });
const ids = new Map<string, string>();
const until = (condition: () => boolean | Promise<boolean>) => vi.waitUntil(condition, { timeout: 30_000 });
/** Begins a run whose call does not return, and waits until it is there. */
const beginSlow = async () => {
  cluster.gate.use(closed);
  const id = await cluster.begin(calls({ id: "c1", name: "slow", input: { id: "s" } }), answer("never"));
  await until(() => cluster.gate.history.includes("arrived s"));
  return id;
};
const begun: Record<string, () => Promise<string>> = {
  succeeded: () =>
    cluster.begin(
      calls(
        { id: "c1", name: "gate", input: { id: "g" } },
        { id: "c2", name: "fails", input: { how: "twice" } },
        { id: "c3", name: "fails", input: { how: "for-good" } },
        { id: "c4", name: "gate", input: { id: 5 } },
      ),
      answer("It is open."),
    ),
  failed: () => cluster.begin({ error: { message: "No." }, status: 400 }),
  cancelled: async () => {
    const id = await beginSlow();
    await cancelInvocation(admin(), id);
    return id;
  },
};

beforeAll(async () => {
  cluster = await startCluster("v7", { functions: ["agent", "fails", "gate", "narrow", "slow"] });
  cluster.gate.use(() => "");
  for (const [state, begin] of Object.entries(begun)) {
    const id = await begin();
    ids.set(state, id);
    await until(() => hasEnded(admin(), id));
  }
});
afterAll(() => cluster?.stop());

const list = (filter: Partial<RunFilter> = {}) =>
  readRuns(admin(), { agents: ["TestAgent"], limit: 10, ...filter });
const idOf = (state: string) => ids.get(state) ?? "";

describe("the list of runs", () => {
  test("has the newest first, what came of them and what they used", async () => {
    const runs = await list();
    expect(runs.map(({ id, state }) => [id, state])).toEqual(
      ["cancelled", "failed", "succeeded"].map((state) => [idOf(state), state]),
    );
    expect(runs[2]).toMatchObject({ agent: "TestAgent", finishReason: "stop", turns: 2, toolCalls: 4 });
    expect(runs[2]?.inputTokens).toBeGreaterThan(0);
    expect(runs[1]?.failure).toMatch(/answered 400: No\./);
  });

  test.each(["succeeded", "failed", "cancelled"] as const)("can be of those that %s", async (state) => {
    expect((await list({ state })).map(({ id }) => id)).toEqual([idOf(state)]);
  });

  test("can be cut, by number and by time, and to other agents", async () => {
    expect((await list({ limit: 1 })).map(({ id }) => id)).toEqual([idOf("cancelled")]);
    const { startedAt = 0 } = (await list())[1] ?? {};
    expect(await list({ since: startedAt })).toHaveLength(2);
    expect(await list({ agents: ["OtherAgent"] })).toEqual([]);
    expect(await list({ state: "paused" })).toEqual([]);
  });
});

describe("the record of a run", () => {
  test("has what it was asked, each call's result, tries and error, and its output", async () => {
    const run = await readRecord(admin(), idOf("succeeded"));
    expect(run).toMatchObject({ agent: "TestAgent", state: "succeeded", input: { message: "Go." } });
    expect(run.output).toMatchObject({ answer: "It is open." });
    expect(run.turns).toHaveLength(2);
    expect(run.turns[0]?.calls).toEqual([
      expect.objectContaining({ id: "c1", tool: "gate", input: { id: "g" }, state: "ok", attempts: 1 }),
      expect.objectContaining({ id: "c2", tool: "fails", state: "ok", attempts: 3 }),
      expect.objectContaining({ id: "c3", state: "failed", failure: "No such thing.", attempts: 1 }),
    ]);
    expect(run.turns[0]?.calls[0]?.output).toEqual({ id: "g" });
    expect(run.turns[0]?.calls[2]).not.toHaveProperty("output");
  });

  test("says why it failed, and that it was cancelled", async () => {
    expect(await readRecord(admin(), idOf("failed"))).toMatchObject({
      state: "failed",
      failure: expect.stringMatching(/answered 400: No\./),
    });
    expect(await readRecord(admin(), idOf("cancelled"))).toMatchObject({ state: "cancelled" });
  });

  test.each(["inv_1", "inv_1gdJBtdVEcM942bjcDmb1c1khoaJe11Hbz"])(
    "%s is no run, which is said",
    async (id) => {
      await expect(readRecord(admin(), id)).rejects.toThrow(`There is no run "${id}"`);
    },
  );
});

describe("a run that is to end", () => {
  test("is cancelled when it says so", async () => {
    const id = await beginSlow();
    await cancelRun(admin(), id);
    expect(await hasEnded(admin(), id)).toBe(true);
    await expect(cancelRun(admin(), id)).rejects.toThrow(`The run ${id} has ended already.`);
  });

  test("and cannot be asked, because a tool's service is gone, is told of, and is killed", async () => {
    const deployments = await readDeployments(admin());
    const gone = deployments.find(({ services }) => services.includes("narrow"));
    await removeDeployment(admin(), gone?.id ?? "");
    const id = await cluster.begin(calls({ id: "c1", name: "narrow", input: { id: "g" } }), answer("never"));
    const failure = `SELECT id FROM sys_invocation WHERE id = '${id}' AND last_failure LIKE '%was not found%'`;
    await expect.poll(() => query(admin(), failure)).toHaveLength(1);
    await expect(cancelRun(admin(), id)).rejects.toThrow(`npx fanout cancel --kill ${id}`);
    await killRun(admin(), id);
    await expect.poll(() => hasEnded(admin(), id)).toBe(true);
  });
});
