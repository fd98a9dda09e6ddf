import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { answerTo, asked, openIn } from "./support/approvals.ts";
import type { Cluster } from "./support/cluster.ts";
import { DISTINCT_MODES } from "./support/modes.ts";
import { answer, calls, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";
import { brief, watch } from "./support/watch.ts";

const guarded = (id: string, amount = 1) => ({ id, name: "guarded", input: { id, amount } });
const write = (id: string) => ({ id, name: "guarded_write", input: { id } });
const gate = (id: string) => ({ id, name: "gate", input: { id } });

describe.each(DISTINCT_MODES)("on %s", (mode) => {
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
  const decide = (run: string, approval: string | undefined, approve: boolean, more: object = {}) =>
    answerTo(cluster, run, { approval, approve, ...more });

  test("calls that need no approval run at once, and each that needs one when it is approved", async () => {
    const run = await cluster.begin(
      calls(guarded("a"), gate("b"), guarded("c"), guarded("free", 0)),
      answer("Done."),
    );
    const open = await asked(cluster, run, 2);
    await expect.poll(() => arrived.toSorted()).toEqual(["b", "free"]);
    expect(open.get("c")).toMatchObject({
      tool: "guarded",
      input: { id: "c", amount: 1 },
      part: false,
      seconds: 86_400,
    });
    expect(await decide(run, open.get("c")?.id, true, { by: "ann" })).toMatchObject({
      status: 200,
      body: { decision: "approved", by: "ann" },
    });
    await expect.poll(() => arrived).toContain("c");
    expect(arrived).not.toContain("a");
    await decide(run, open.get("a")?.id, true);
    const { toolCalls } = await cluster.outcome(run);
    expect(toolCalls.map(({ id, status }) => [id, status])).toEqual([
      ["a", "ok"],
      ["b", "ok"],
      ["c", "ok"],
      ["free", "ok"],
    ]);
    expect(toolCalls[2]?.approval).toEqual({
      decision: "approved",
      by: "ann",
      at: expect.stringMatching(/Z$/),
    });
    expect(toolCalls[1]).not.toHaveProperty("approval");
  });

  test("writes are asked for together, may be approved in any order, and keep theirs", async () => {
    const run = await cluster.begin(calls(write("first"), write("second"), gate("last")), answer("Done."));
    const open = await asked(cluster, run, 2);
    await decide(run, open.get("second")?.id, true);
    expect(arrived).toEqual([]);
    await decide(run, open.get("first")?.id, true);
    const { toolCalls } = await cluster.outcome(run);
    expect(arrived).toEqual(["first", "second", "last"]);
    expect(toolCalls.map(({ status }) => status)).toEqual(["ok", "ok", "ok"]);
  });

  test("a denial, a changed input and an expiry are results that the model reads", async () => {
    const hasty = { id: "late", name: "hasty", input: { id: "late" } };
    const run = await cluster.begin(calls(guarded("no"), guarded("less", 100), hasty), answer("Done."));
    const open = await asked(cluster, run, 3);
    await decide(run, open.get("no")?.id, false, { reason: "Too much.", by: "bob" });
    const changed = { id: "less", amount: 5 };
    await decide(run, open.get("less")?.id, true, { input: changed });
    const { toolCalls } = await cluster.outcome(run);
    expect(toolCalls).toMatchObject([
      { status: "denied", error: "Not called: denied by bob: Too much.", approval: { reason: "Too much." } },
      { status: "ok", input: { id: "less", amount: 100 }, approval: { input: changed } },
      { status: "expired", error: "Not called: nobody has approved it within 1 s.", attempts: 0 },
    ]);
    expect(arrived).toEqual(["less"]);
    expect(await decide(run, open.get("late")?.id, true)).toMatchObject({
      status: 409,
      body: { message: expect.stringMatching(/^It has expired, at \d{4}-/) },
    });
    const told = JSON.stringify(cluster.modelRequests.at(-1));
    expect(told).toContain("denied by bob: Too much.");
    expect(told).toContain("changedByApprover");
    expect(told).toContain("nobody has approved it");
  });

  test("it is answered once", async () => {
    const run = await cluster.begin(calls(guarded("a"), guarded("b")), answer("Done."));
    const open = await asked(cluster, run, 2);
    const id = open.get("a")?.id;
    const given = await decide(run, id, true, { by: "ann" });
    expect(await decide(run, id, true, { by: "bob" })).toEqual(given);
    expect(await decide(run, id, false)).toMatchObject({
      status: 409,
      body: { message: expect.stringMatching(/^It was approved already by ann, at \d{4}-/) },
    });
    expect(await decide(run, "ap_none", true)).toMatchObject({
      status: 404,
      body: { message: `There is no approval "ap_none" in this run. Open ones: ${open.get("b")?.id}.` },
    });
    expect(await decide(run, open.get("b")?.id, true, { input: { id: "b", amount: "much" } })).toMatchObject({
      status: 400,
      body: { message: 'input: amount: expected number, got "much"' },
    });
    expect((await openIn(cluster, run)).map(({ call }) => call)).toEqual(["b"]);
    await decide(run, open.get("b")?.id, false);
    expect((await cluster.outcome(run)).toolCalls.map(({ status }) => status)).toEqual(["ok", "denied"]);
  });

  test("after a cancellation nobody is asked any more, not for a write that stands further back either", async () => {
    const run = await cluster.begin(calls(write("first"), write("second")), answer("Never."));
    const open = await asked(cluster, run, 2);
    await fetch(`${cluster.restate.adminUrl}/invocations/${run}/cancel`, { method: "PATCH" });
    await expect(cluster.outcome(run)).rejects.toThrow(/cancel/i);
    await expect.poll(() => openIn(cluster, run)).toEqual([]);
    for (const question of open.values())
      expect(await decide(run, question.id, true)).toMatchObject({
        status: 409,
        body: { message: "Nobody waits for this approval any more." },
      });
    expect(arrived).toEqual([]);
  });

  test("a sub-agent's calls wait as well, and are told with their place in the run", async () => {
    const scripts = {
      parent: replies(
        calls({ id: "x", name: "StructuredAgent", input: { message: "Look x up." } }),
        answer("Yes."),
      ),
      child: replies(calls(guarded("g")), answer('{"city":"Tokyo","celsius":18.4}')),
    };
    await cluster.use((request) =>
      JSON.stringify(request.messages).includes("You are the parent.")
        ? scripts.parent(request)
        : scripts.child(request),
    );
    const { body } = await cluster.call("/restate/send/ParentAgent/run", { message: "Go.", events: "turns" });
    const run = (body as { invocationId: string }).invocationId;
    const open = await asked(cluster, run, 1);
    await decide(run, open.get("g")?.id, true);
    const events = (await watch(cluster, run)).map(brief);
    expect(events.filter((event) => event.startsWith("approval"))).toEqual([
      "approval-asked x/g",
      "approval-answered x/g",
    ]);
    expect(events.at(-1)).toBe("run-ended");
    expect(arrived).toEqual(["g"]);
  });

  test("twenty at once are answered in any order, and bounds on parallel calls do not count those that wait", async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `g${index}`);
    const run = await cluster.beginWith(
      { maxParallelCalls: 2 },
      calls(...ids.map((id) => guarded(id)), gate("free 1"), gate("free 2"), gate("free 3")),
      answer("Done."),
    );
    const open = await asked(cluster, run, 20);
    await expect.poll(() => arrived.toSorted()).toEqual(["free 1", "free 2", "free 3"]);
    await Promise.all(ids.toReversed().map((id, index) => decide(run, open.get(id)?.id, index % 2 === 0)));
    const { toolCalls } = await cluster.outcome(run);
    expect(toolCalls.map(({ status }) => status)).toEqual([
      ...ids.map((_, index) => (index % 2 === 1 ? "ok" : "denied")),
      ...["ok", "ok", "ok"],
    ]);
  });

  test("the run's deadline ends the wait", async () => {
    const run = await cluster.beginWith(
      { limits: { deadline: { seconds: 2 } } },
      calls(guarded("a")),
      answer("Late."),
    );
    const open = await asked(cluster, run, 1);
    const { toolCalls } = await cluster.outcome(run);
    expect(toolCalls).toMatchObject([{ status: "timeout" }]);
    await expect.poll(() => openIn(cluster, run)).toEqual([]);
    expect(await decide(run, open.get("a")?.id, true)).toMatchObject({ status: 409 });
    expect(arrived).toEqual([]);
  });

  test("parts of composites wait as well", async () => {
    const run = await cluster.beginWith(
      { events: true },
      calls({ id: "whole", name: "composite", input: { ids: ["p"], guarded: ["q"] } }),
      answer("Done."),
    );
    const open = await asked(cluster, run, 1);
    expect(open.get("whole")).toMatchObject({ part: true, tool: "guarded", input: { id: "q" } });
    await expect.poll(() => arrived).toEqual(["p"]);
    await decide(run, open.get("whole")?.id, true);
    expect((await cluster.outcome(run)).toolCalls).toMatchObject([{ status: "ok" }]);
    expect(arrived).toEqual(["p", "q"]);
    const events = await watch(cluster, run);
    expect(events.map(brief).filter((event) => event.startsWith("approval"))).toEqual([
      "approval-asked whole",
      "approval-answered whole",
    ]);
  });
});
