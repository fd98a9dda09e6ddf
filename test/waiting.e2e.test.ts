import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MODES } from "../lib/testing/index.ts";
import type { Cluster } from "./support/cluster.ts";
import { answer, calls } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const composite = (input: object) => ({ id: "c", name: "composite", input: { ids: [], ...input } });

describe.each(MODES)("on %s", (mode) => {
  let cluster: Cluster;
  let arrived: string[];
  beforeAll(async () => {
    cluster = await startWarmCluster(mode);
  });
  afterAll(() => cluster?.stop());
  beforeEach(() => {
    arrived = [];
    cluster.gate.use((id) => void arrived.push(id));
  });
  const resolve = (run: string, name: string, value: unknown) =>
    cluster.call(`/restate/call/RunEvents/${run}/resolve`, { name, value });
  const told = async (run: string) => {
    const { toolCalls } = await cluster.outcome(run);
    return toolCalls;
  };

  test("a composite waits for what somebody outside resolves, while its other parts run", async () => {
    const run = await cluster.begin(
      calls(composite({ ids: ["x"], waits: [{ name: "payment" }] })),
      answer("Paid."),
    );
    await expect.poll(() => arrived).toEqual(["x"]);
    expect(await resolve(run, "payment", { paid: "much" })).toMatchObject({
      status: 400,
      body: { message: 'value: paid: expected number, got "much"' },
    });
    expect(await resolve(run, "payment", { paid: 5 })).toEqual({ status: 200, body: { waiting: 1 } });
    expect(await told(run)).toMatchObject([{ status: "ok" }]);
    expect(cluster.modelRequests.at(-1)?.messages.at(-1)).toMatchObject({
      content: JSON.stringify({ told: ['{"id":"x"}', `{"paid":5,"runId":"${run}"}`] }),
    });
    expect(await resolve(run, "payment", { paid: 5 })).toEqual({ status: 200, body: { waiting: 0 } });
    expect(await resolve(run, "payment", { paid: 6 })).toMatchObject({ status: 409 });
  });

  test("what comes before it is waited for is not lost", async () => {
    const run = await cluster.begin(
      calls(composite({ ids: [], sleepMs: 400, waits: [{ name: "early" }, { name: "early" }] })),
      answer("There."),
    );
    expect(await resolve(run, "early", { paid: 1 })).toEqual({ status: 200, body: { waiting: 0 } });
    await told(run);
    const value = JSON.stringify({ paid: 1, runId: run });
    expect(cluster.modelRequests.at(-1)?.messages.at(-1)).toMatchObject({
      content: JSON.stringify({ told: [value, value] }),
    });
  });

  test("a wait has an end, and one that nobody can resolve is refused", async () => {
    const run = await cluster.begin(
      calls(composite({ waits: [{ name: "never", ms: 300 }] }), {
        ...composite({ waits: [{ name: "no name" }] }),
        id: "d",
      }),
      answer("Late."),
    );
    const [late, refused] = await told(run);
    expect(late).toMatchObject({ status: "ok" });
    expect(refused).toMatchObject({ status: "error" });
    expect(JSON.stringify(cluster.modelRequests.at(-1)?.messages)).toContain("Timeout");
  });
});
