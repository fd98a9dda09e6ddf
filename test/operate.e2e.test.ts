import { DeleteFunctionCommand, PublishVersionCommand } from "@aws-sdk/client-lambda";
import { Hono } from "hono";
import { proxy } from "hono/proxy";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Change,
  findService,
  planPruning,
  readStatus,
  removeCandidate,
  scale,
} from "../lib/operate/index.ts";
import { readFunction } from "../lib/operate/lambda-functions.ts";
import { request } from "../lib/restate/admin.ts";
import { limitScopes, readDeployments, readLimits } from "../lib/restate/index.ts";
import { serveOnLoopback } from "../lib/sandbox/index.ts";
import { eventually } from "./support/eventually.ts";
import { startInstallation, type TestInstallation } from "./support/installation.ts";

/** A gate that lets each call go on when the test says so. */
function hold(fanout: TestInstallation) {
  const held = new Map<string, PromiseWithResolvers<void>>();
  const of = (id: string) => {
    const waiting = held.get(id) ?? Promise.withResolvers<void>();
    held.set(id, waiting);
    return waiting;
  };
  fanout.gate.use((id) => of(id).promise);
  return {
    arrived: (id: string) => eventually(() => fanout.gate.history).toContain(`arrived ${id}`),
    release: (id: string) => of(id).resolve(),
  };
}

describe("while runs are in flight", () => {
  let fanout: TestInstallation;
  beforeAll(async () => {
    fanout = await startInstallation();
  });
  afterAll(() => fanout?.stop());
  const statusOf = async (name: string) => {
    const { services } = await readStatus(fanout, fanout.services);
    return services.find((service) => service.name === name);
  };
  const change = async (name: string, what: Change) => {
    const steps: string[] = [];
    const service = findService(fanout.services, name);
    return { ...(await scale(fanout, service, what, (step) => steps.push(step))), steps };
  };

  test("status: everything runs as its contract says", async () => {
    const { server, services } = await readStatus(fanout, fanout.services);
    expect(server).toMatchObject({ protocolV7: true, scopes: true });
    expect(
      services.map(({ name, kind, liveVersion, differences }) => ({ name, kind, liveVersion, differences })),
    ).toEqual([
      { name: "gate", kind: "tool", liveVersion: "1", differences: [] },
      { name: "narrow", kind: "tool", liveVersion: "1", differences: [] },
      { name: "stuck", kind: "tool", liveVersion: "1", differences: [] },
      { name: "StructuredAgent", kind: "agent", liveVersion: "1", differences: [] },
      { name: "RunEvents", kind: "kit", liveVersion: "1", differences: [] },
    ]);
  });

  test("status counts a run that is still in its first attempt on the old version, and slots that are taken", async () => {
    const gate = hold(fanout);
    const run = await fanout.send("gate", "old");
    await gate.arrived("old");
    await fanout.deploy("gate");
    expect(await statusOf("gate")).toMatchObject({
      liveVersion: "2",
      otherVersions: [{ version: "1", runs: 1 }],
      running: 1,
    });
    gate.release("old");
    expect(await fanout.outcome(run)).toEqual({ id: "old" });
    await eventually(async () => (await statusOf("gate"))?.otherVersions).toEqual([]);

    const runs: string[] = [];
    for (const id of ["a", "b", "c", "d"]) runs.push(await fanout.send("narrow", id, { scoped: true }));
    await eventually(() => statusOf("narrow")).toMatchObject({ running: 3, waiting: 1, slotsTaken: 3 });
    for (const id of ["a", "b", "c", "d"]) gate.release(id);
    await Promise.all(runs.map((id) => fanout.outcome(id)));
  });

  test("scale raises everything at once; a run in flight ends on its version, new ones go to the new version", async () => {
    const gate = hold(fanout);
    await limitScopes(fanout.admin, new Map([["of-somebody-else", 7]]));
    const old = await fanout.send("narrow", "old");
    await gate.arrived("old");

    const { before, after, steps } = await change("narrow", {
      maxConcurrency: 5,
      provisioned: 2,
      memoryMb: 1024,
    });
    expect(before).toMatchObject({
      liveVersion: "1",
      reserved: 3,
      limit: 3,
      memoryMb: 512,
      provisioned: { requested: 0 },
    });
    expect(after).toMatchObject({
      liveVersion: "2",
      otherVersions: [{ version: "1", runs: 1 }],
      reserved: 5,
      limit: 5,
      memoryMb: 1024,
      provisioned: { requested: 2 },
    });
    expect(after.differences.map(({ setting }) => setting)).toEqual([
      "reserved",
      "limit",
      "provisioned",
      "memoryMb",
    ]);
    expect(steps.slice(0, 2)).toEqual([
      "Lambda's reserved concurrency of fanout-narrow is 5.",
      "Restate's limit on narrow is 5.",
    ]);
    expect((await readLimits(fanout.admin)).get("of-somebody-else")).toBe(7);
    const { services } = await request<{ services: object[] }>(fanout.admin, { what: "", path: "/services" });
    expect(services).toContainEqual(expect.objectContaining({ name: "narrow", public: false }));

    const next = await fanout.send("narrow", "new");
    await gate.arrived("new");
    gate.release("new");
    gate.release("old");
    expect([await fanout.outcome(old), await fanout.outcome(next)]).toEqual([{ id: "old" }, { id: "new" }]);
  });

  test("scale lowers at Restate first, and moves what is warm to the new version", async () => {
    const { after, steps } = await change("narrow", { maxConcurrency: 3, provisioned: 1, memoryMb: 512 });
    expect(after).toMatchObject({
      liveVersion: "3",
      reserved: 3,
      limit: 3,
      memoryMb: 512,
      provisioned: { requested: 1 },
    });
    expect(steps.slice(0, 3)).toEqual([
      "Lambda keeps none of version 2 warm.",
      "Restate's limit on narrow is 3.",
      "Lambda's reserved concurrency of fanout-narrow is 3.",
    ]);
    const { versions } = (await readFunction(fanout.lambda, "fanout-narrow")) ?? {};
    expect(versions?.map(({ version, provisioned }) => [version, provisioned.requested])).toEqual([
      ["1", 0],
      ["2", 0],
      ["3", 1],
    ]);
    expect((await change("narrow", { provisioned: 0 })).after.differences).toEqual([]);
  });

  test("scale to no limit removes Restate's rule and Lambda's reservation", async () => {
    const { after } = await change("narrow", { maxConcurrency: "none" });
    expect(after).toMatchObject({ reserved: undefined, limit: undefined });
    await change("narrow", { maxConcurrency: 3 });
  });

  test("scale to 0 switches a service off: a call in flight ends, a new one is refused; a limit switches it on", async () => {
    const gate = hold(fanout);
    const before = await fanout.send("narrow", "before");
    await gate.arrived("before");

    const off = await change("narrow", { maxConcurrency: 0 });
    expect(off.after).toMatchObject({ switchedOff: true, reserved: undefined, limit: undefined });
    expect(off.after.differences.map(({ setting }) => setting)).toEqual(["switchedOff", "reserved", "limit"]);
    expect(off.steps[0]).toMatch(/^Published version \d+ of fanout-narrow with 512 MB, switched off\.$/);
    gate.release("before");
    expect(await fanout.outcome(before)).toEqual({ id: "before" });
    expect(await fanout.outcome(await fanout.send("narrow", "while off"))).toBe("narrow is switched off.");
    await expect(change("narrow", { provisioned: 1 })).rejects.toThrow(/switched off.*--max-concurrency/);

    const on = await change("narrow", { maxConcurrency: 3 });
    expect(on.after).toMatchObject({ switchedOff: false, reserved: 3, limit: 3, differences: [] });
    expect(on.steps.slice(0, 2)).toEqual([
      "Restate's limit on narrow is 3.",
      "Lambda's reserved concurrency of fanout-narrow is 3.",
    ]);
    const after = await fanout.send("narrow", "after");
    await gate.arrived("after");
    gate.release("after");
    expect(await fanout.outcome(after)).toEqual({ id: "after" });
  });

  test("scale waits for a free slot when a function is at its limit", async () => {
    const gate = hold(fanout);
    await change("narrow", { maxConcurrency: 1 });
    const run = await fanout.send("narrow", "busy");
    await gate.arrived("busy");
    const refused = Promise.withResolvers<string>();
    const watched = await serveOnLoopback(
      new Hono().all("/*", async (c) => {
        const answer = await proxy(`${fanout.admin.url}${c.req.path}`, c.req);
        if (!answer.ok) refused.resolve(await answer.clone().text());
        return answer;
      }),
    );
    const service = findService(fanout.services, "narrow");
    const scaling = scale({ ...fanout, admin: { url: watched.url } }, service, { memoryMb: 640 }, () => {});
    expect(await refused.promise).toContain("TooManyRequestsException");
    gate.release("busy");
    expect((await scaling).after.memoryMb).toBe(640);
    expect(await fanout.outcome(run)).toEqual({ id: "busy" });
    await watched.stop();
    await change("narrow", { maxConcurrency: 3, memoryMb: 512 });
  });

  test("scale leaves everything as it was when Restate does not take the new version", async () => {
    const refusing = await serveOnLoopback(
      new Hono()
        .post("/deployments", (c) => c.json({ message: "no" }, 500))
        .all("/*", (c) => proxy(`${fanout.admin.url}${c.req.path}`, c.req)),
    );
    const before = await readFunction(fanout.lambda, "fanout-gate");
    const service = findService(fanout.services, "gate");
    const admin = { url: refusing.url };
    await expect(scale({ ...fanout, admin }, service, { memoryMb: 2048 }, () => {})).rejects.toThrow(
      "answered 500",
    );
    expect(await readFunction(fanout.lambda, "fanout-gate")).toEqual(before);
    await refusing.stop();
  });

  test.each([
    ["narrow", { provisioned: 4 }, /cannot have 4 environments warm and run 3 calls at once/],
    [
      "narow",
      { memoryMb: 512 },
      /Unknown service "narow"\. Services: gate, narrow, stuck, StructuredAgent, RunEvents\./,
    ],
  ])("scale refuses what cannot be: %s %j", async (name, what, words) => {
    await expect(change(name, what)).rejects.toThrow(words);
  });

  test("scale refuses new memory where it would bring code that is not deployed", async () => {
    // The roster's own code under another function's name.
    const other = fanout.host.publish({
      name: "fanout-gate",
      codeDir: `${import.meta.dirname}/support/existing-lambdas`,
      handler: "index.handler",
      memoryMb: 512,
      timeoutSeconds: 60,
      environment: {},
    });
    await expect(change("gate", { memoryMb: 1024 })).rejects.toThrow(
      /code of fanout-gate has changed since version \d+/,
    );
    await fanout.lambda.send(new DeleteFunctionCommand({ FunctionName: "fanout-gate", Qualifier: other }));
    await fanout.deploy("gate");
  });

  test("prune takes what is drained, keeps what a run in flight needs, and takes that when the run has ended", async () => {
    const gate = hold(fanout);
    const run = await fanout.send("gate", "held");
    await gate.arrived("held");
    const held = (await statusOf("gate"))?.liveVersion as string;
    const drained = await fanout.deploy("gate");
    await fanout.deploy("gate");
    const newest = await fanout.deploy("gate");
    const ofGate = async (keep = 0) =>
      (await planPruning(fanout, fanout.services, { keep })).filter(
        ({ functionName }) => functionName === "fanout-gate",
      );
    const verdicts = async (keep = 0) =>
      Object.fromEntries(
        (await ofGate(keep)).map(({ version, verdict, reason }) => [version, `${verdict}: ${reason}`]),
      );
    expect(await verdicts()).toMatchObject({
      [held]: "keep: 1 run in flight",
      [drained]: "remove: no run needs it",
      [newest]: "keep: new calls go there",
    });
    expect(await verdicts(1)).toMatchObject({ [Number(newest) - 1]: "keep: one of the last 1 old versions" });

    const removeAll = async () => {
      for (const candidate of (await ofGate()).filter(({ verdict }) => verdict === "remove"))
        expect(await removeCandidate(fanout, candidate)).toBeUndefined();
    };
    await removeAll();
    expect(Object.keys(await verdicts())).toEqual([held, newest]);
    gate.release("held");
    expect(await fanout.outcome(run)).toEqual({ id: "held" });
    await eventually(() => verdicts()).toMatchObject({ [held]: "remove: no run needs it" });
    await removeAll();
    expect(Object.keys(await verdicts())).toEqual([newest]);
    const arns = (await readDeployments(fanout.admin)).map(({ arn }) => arn);
    expect(arns.filter((arn) => arn?.includes("fanout-gate"))).toEqual([
      fanout.host.arn("fanout-gate", newest),
    ]);

    fanout.gate.use(() => {});
    expect(await fanout.outcome(await fanout.send("gate", "after"))).toEqual({ id: "after" });
  });

  test("prune looks again: a version that calls go to by now stays", async () => {
    const old = (await statusOf("gate"))?.liveVersion as string;
    await fanout.deploy("gate");
    const candidate = (await planPruning(fanout, fanout.services)).find(
      ({ functionName, version }) => functionName === "fanout-gate" && version === old,
    );
    expect(candidate).toMatchObject({ verdict: "remove" });
    // A rollback.
    const arn = fanout.host.arn("fanout-gate", old);
    await request(fanout.admin, {
      what: "",
      path: "/deployments",
      method: "POST",
      body: { arn, force: true },
    });
    expect(await removeCandidate(fanout, candidate as NonNullable<typeof candidate>)).toBe(
      "new calls go there",
    );
    expect((await statusOf("gate"))?.liveVersion).toBe(old);
  });

  test("prune removes what nothing registers, with what is warm of it, but never the newest version", async () => {
    const { Version = "" } = await fanout.lambda.send(
      new PublishVersionCommand({ FunctionName: "fanout-stuck" }),
    );
    await fanout.deploy("stuck", { registered: false });
    const unregistered = await fanout.deploy("stuck", { registered: false });
    const plan = (await planPruning(fanout, fanout.services)).filter(
      ({ functionName }) => functionName === "fanout-stuck",
    );
    expect(Version).toBe("1");
    expect(plan.map(({ version, verdict, reason }) => `${version} ${verdict}: ${reason}`)).toEqual([
      "1 keep: new calls go there",
      "2 remove: not registered with Restate",
      `${unregistered} keep: the newest version`,
    ]);
  });
});
