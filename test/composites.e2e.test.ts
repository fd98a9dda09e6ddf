import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { query } from "../lib/restate/index.ts";
import { MODES } from "../lib/testing/index.ts";
import type { Cluster } from "./support/cluster.ts";
import { barrier, closed } from "./support/gate.ts";
import { answer, calls, resultsIn } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const done = answer("done");

describe.each(MODES)("on %s", (mode) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster(mode);
  });
  afterAll(() => cluster?.stop());
  beforeEach(() => cluster.gate.use((id) => `told ${id}`));
  const told = () => resultsIn(cluster.modelRequests.at(-1));
  const composite = (input: object) => calls({ id: "c", name: "composite", input });

  test("the parts of a composite run at the same time on their own functions, for two invocations of its own", async () => {
    cluster.gate.use(barrier(8));
    const ids = Array.from({ length: 8 }, (_, index) => `p${index}`);
    const run = await cluster.run(composite({ ids }), done);
    expect(run.toolCalls).toMatchObject([{ id: "c", tool: "composite", status: "ok", truncated: false }]);
    expect(told()).toEqual({ c: { told: ids.map((id) => JSON.stringify({ id })) } });
    expect(cluster.invocations("gate")).toBe(8);
    expect(cluster.invocations("agent")).toBe(2);
    expect(cluster.invocations("composite")).toEqual(mode === "v6" ? expect.any(Number) : 2);
  });

  test("F2: a part that fails leaves the others' results to the composite", async () => {
    await cluster.run(composite({ ids: ["a"], fail: true }), done);
    expect(told()).toEqual({ c: { told: ['{"id":"a","told":"told a"}', "No such thing."] } });
  });

  test("F4: a part whose timeout passes is cancelled, and the composite goes on without it", async () => {
    cluster.gate.use((id) => (id === "stuck" ? closed(id) : `told ${id}`));
    await cluster.run(composite({ ids: ["a"], slow: true }), done);
    expect(told()).toEqual({ c: { told: ['{"id":"a","told":"told a"}', expect.stringMatching(/time/i)] } });
    const unfinished = () =>
      query(
        { url: cluster.restate.adminUrl },
        "SELECT target FROM sys_invocation WHERE status <> 'completed'",
      );
    await expect.poll(unfinished, { timeout: 10_000 }).toEqual([]);
    const cancellations = `SELECT i.target FROM sys_journal j JOIN sys_invocation i ON i.id = j.id
      WHERE j.entry_type = 'Command: SendSignal'`;
    // The part ends by its own timeout too, so that it was cancelled shows in the composite's journal only.
    expect(await query({ url: cluster.restate.adminUrl }, cancellations)).toEqual([
      { target: "composite/run" },
    ]);
  });

  test("F9: a composite's result is cut, however large its parts' results are together", async () => {
    cluster.gate.use((id) => `${id} `.repeat(10_000));
    const run = await cluster.run(composite({ ids: ["a", "b"] }), done);
    expect(run.toolCalls).toMatchObject([{ id: "c", status: "ok", truncated: true }]);
    expect(Buffer.byteLength(JSON.stringify(told().c))).toBeLessThanOrEqual(32_768);
  });

  test.each(["all", "allSettled", "race", "any"])(
    "parts in Promise.%s end the call with what to use instead",
    async (native) => {
      const run = await cluster.run(composite({ ids: ["a", "b"], native }), done);
      expect(run.toolCalls).toMatchObject([{ status: "error" }]);
      expect(told()).toEqual({
        c: { error: expect.stringMatching(/^A composite awaits .* RestatePromise\.allSettled/) },
      });
    },
  );

  test("parts may be awaited one after the other, and again", async () => {
    await cluster.run(composite({ ids: ["a", "b"], inTurn: true }), done);
    expect(told()).toEqual({ c: { told: ['{"id":"a","told":"told a"}', '{"id":"b","told":"told b"}'] } });
  });

  test("F13: one that is cancelled during a step, before it calls another tool, ends", async () => {
    const open = Promise.withResolvers<void>();
    cluster.gate.use((id) => (id === "step" ? open.promise : closed(id)));
    const id = await cluster.begin(
      calls({ id: "s", name: "steps", input: { numbers: [1], gated: "step" } }),
      answer("never"),
    );
    await expect.poll(() => cluster.gate.history, { timeout: 10_000 }).toContain("arrived step");
    const admin = { url: cluster.restate.adminUrl };
    await fetch(`${admin.url}/invocations/${id}/cancel`, { method: "PATCH" });
    // The composite's own cancellation is in its journal before its step's result.
    const noted =
      "SELECT j.id FROM sys_journal j JOIN sys_invocation i ON j.id = i.id WHERE i.target = 'steps/run' AND i.status <> 'completed' AND j.entry_type = 'Notification: Signal'";
    await expect.poll(() => query(admin, noted), { timeout: 10_000 }).toHaveLength(1);
    open.resolve();
    const unfinished = "SELECT target FROM sys_invocation WHERE status <> 'completed'";
    await expect.poll(() => query(admin, unfinished), { timeout: 10_000 }).toEqual([]);
  });

  test("parts may be durable steps of one function", async () => {
    await cluster.run(calls({ id: "s", name: "steps", input: { numbers: [1, 2, 3] } }), done);
    expect(told()).toEqual({ s: { doubled: [2, 4, 6] } });
    expect(cluster.invocations("steps")).toBe(1);
  });

  test("a composite that times out takes its parts with it", async () => {
    cluster.gate.use(closed);
    const run = await cluster.runWith(
      { limits: { deadline: { seconds: 1 } } },
      composite({ ids: ["a"] }),
      done,
    );
    expect(run.toolCalls[0]?.status).toBe("timeout");
  });
});
