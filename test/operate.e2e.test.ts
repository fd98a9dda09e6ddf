import {
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import { Hono } from "hono";
import { proxy } from "hono/proxy";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startLambdaHost } from "../lib/local/lambda/host.ts";
import { serveOnLoopback } from "../lib/local/sandbox/index.ts";
import { diagnose } from "../lib/operate/doctor.ts";
import type { Finding } from "../lib/operate/finding.ts";
import { readFunction } from "../lib/operate/functions.ts";
import { findInstallation, type Installation } from "../lib/operate/installation.ts";
import { planPruning, removeCandidate } from "../lib/operate/prune.ts";
import { MANY_TRIES, readStuckRuns, redrive } from "../lib/operate/redrive.ts";
import { type Change, scale } from "../lib/operate/scale.ts";
import { findService, type Roster } from "../lib/operate/services.ts";
import { readStatus } from "../lib/operate/status.ts";
import { request } from "../lib/restate/admin.ts";
import { readDeployments } from "../lib/restate/deployments.ts";
import { limitScopes, readLimits, unlimitScope } from "../lib/restate/scopes.ts";
import type { ScalingOverride } from "../lib/stack/scaling.ts";
import { defineTool } from "../lib/tool/index.ts";
import gateTool from "./support/functions/gate/tool.ts";
import { Refusal } from "./support/gate.ts";
import { startInstallation, type TestInstallation } from "./support/installation.ts";

/** Waits until a condition holds, for as long as a busy machine may need. */
const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 30_000 });

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
    const { services } = await readStatus(fanout, fanout.roster);
    return services.find((service) => service.name === name);
  };
  const change = async (name: string, what: Change) => {
    const steps: string[] = [];
    const service = findService(fanout.roster, fanout, name);
    return { ...(await scale(fanout, service, what, (step) => steps.push(step))), steps };
  };

  test("status: everything runs as its contract says", async () => {
    const { server, services } = await readStatus(fanout, fanout.roster);
    expect(server).toMatchObject({ protocolV7: true, scopes: true });
    expect(
      services.map(({ name, kind, liveVersion, differences }) => ({ name, kind, liveVersion, differences })),
    ).toEqual([
      { name: "gate", kind: "tool", liveVersion: "1", differences: [] },
      { name: "narrow", kind: "tool", liveVersion: "1", differences: [] },
      { name: "stuck", kind: "tool", liveVersion: "1", differences: [] },
      { name: "StructuredAgent", kind: "agent", liveVersion: "1", differences: [] },
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
    const service = findService(fanout.roster, fanout, "narrow");
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
    const service = findService(fanout.roster, fanout, "gate");
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
      /Unknown service "narow"\. Services: gate, narrow, stuck, StructuredAgent\./,
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
      (await planPruning(fanout, fanout.roster, { keep })).filter(
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
    const candidate = (await planPruning(fanout, fanout.roster)).find(
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
    const plan = (await planPruning(fanout, fanout.roster)).filter(
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

describe("redrive", () => {
  let fanout: TestInstallation;
  beforeAll(async () => {
    fanout = await startInstallation();
  });
  afterAll(() => fanout?.stop());
  beforeEach(() =>
    fanout.gate.use(() => {
      throw new Refusal(
        "No. arn:aws:lambda:us-east-1:000000000000:function:x:1 said so\n    at secret.ts:1:1",
      );
    }),
  );
  const paused = async (...ids: string[]) => {
    const runs: string[] = [];
    for (const id of ids) runs.push(await fanout.send("stuck", id));
    await eventually(async () =>
      (await readStuckRuns(fanout, fanout.roster)).map(({ id }) => id).sort(),
    ).toEqual([...runs].sort());
    return runs as [string, ...string[]];
  };

  test("lists a paused run with its reason in one clean line; resumes it; cancels another", async () => {
    const [one, other] = (await paused("one", "other")) as [string, string];
    expect(await readStuckRuns(fanout, fanout.roster)).toContainEqual({
      id: one,
      service: "stuck",
      handler: "run",
      state: "paused",
      since: expect.stringMatching(/^20.*Z$/),
      tries: undefined,
      reason: "No. [arn] said so",
    });
    fanout.gate.use(() => {});
    await redrive(fanout, one, { kind: "resume", onLatest: false });
    expect(await fanout.outcome(one)).toEqual({ id: "one" });
    await redrive(fanout, other, { kind: "cancel" });
    expect(await fanout.outcome(other)).toMatch(/cancelled/i);
    expect(await readStuckRuns(fanout, fanout.roster)).toEqual([]);
    await expect(redrive(fanout, one, { kind: "resume", onLatest: false })).rejects.toThrow(
      `The run ${one} has ended already.`,
    );
    await expect(redrive(fanout, "inv_none", { kind: "cancel" })).rejects.toThrow(
      'There is no run "inv_none"',
    );
  });

  test("resumes on the newest version a run whose own version is gone", async () => {
    const [run] = await paused("gone");
    const own = fanout.host.arn("fanout-stuck").split(":").at(-1) as string;
    await fanout.deploy("stuck");
    await fanout.lambda.send(new DeleteFunctionCommand({ FunctionName: "fanout-stuck", Qualifier: own }));
    fanout.gate.use(() => {});
    await redrive(fanout, run, { kind: "resume", onLatest: true });
    expect(await fanout.outcome(run)).toEqual({ id: "gone" });
  });

  test("lists what is tried again and again, with how often and why", async () => {
    const FunctionName = "fanout-gate";
    fanout.gate.use(() => {});
    await fanout.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }),
    );
    const run = await fanout.send("gate", "throttled");
    await eventually(() => readStuckRuns(fanout, fanout.roster)).toEqual([
      expect.objectContaining({
        id: run,
        service: "gate",
        state: "retrying",
        reason: "Lambda: TooManyRequestsException: Rate Exceeded.",
      }),
    ]);
    const [stuck] = await readStuckRuns(fanout, fanout.roster);
    expect(stuck?.tries).toBeGreaterThan(MANY_TRIES);
    await fanout.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    await redrive(fanout, run, { kind: "resume", onLatest: false });
    expect(await fanout.outcome(run)).toEqual({ id: "throttled" });
  });
});

describe("doctor", () => {
  let fanout: TestInstallation;
  beforeAll(async () => {
    fanout = await startInstallation();
  });
  afterAll(() => fanout?.stop());
  const examine = (what: Partial<Installation> = {}, roster = fanout.roster) =>
    diagnose(
      () => ({ ...fanout, ...what }),
      async () => roster,
    );
  /** What is not in order, a line each. */
  const complaints = (findings: Finding[]) =>
    findings
      .filter(({ level }) => level !== "ok")
      .map(({ check, level, text }) => `${level} ${check}: ${text}`);

  test("has nothing to say against a healthy installation", async () => {
    const findings = await examine();
    expect(complaints(findings)).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual([
      "settings",
      "AWS",
      "concurrency",
      "admin API",
      "server",
      "flow control",
      "ingress",
      "services",
      "runs",
    ]);
  });

  test("finds a tool that was never deployed, and a service that the project does not have", async () => {
    const absent = defineTool({ ...gateTool, name: "absent" });
    const tools = fanout.roster.tools.map((tool) => (tool.name === "gate" ? absent : tool));
    const agents: Roster["agents"] = [];
    expect(complaints(await examine({}, { tools, agents })).sort()).toEqual([
      "problem absent: Lambda has no function fanout-absent",
      "problem absent: it is not registered with Restate",
      "warning StructuredAgent: it is registered, served by fanout-StructuredAgent, and not in the project",
      "warning gate: it is registered, served by fanout-gate, and not in the project",
    ]);
  });

  test("finds a public tool and a private agent", async () => {
    await fanout.setPublic("gate", true);
    await fanout.setPublic("StructuredAgent", false);
    expect(complaints(await examine())).toEqual([
      "problem gate: it is public: whoever reaches the ingress can call it past every agent",
      "problem StructuredAgent: it is private: nobody can call it through the ingress",
    ]);
    await fanout.setPublic("gate", false);
    await fanout.setPublic("StructuredAgent", true);
  });

  test("finds a newer version that Restate does not call, and what is not as the contract says", async () => {
    const Qualifier = await fanout.deploy("narrow", { registered: false, spec: { reservedConcurrency: 4 } });
    expect(complaints(await examine())).toEqual([
      "warning narrow: Restate calls version 1 of fanout-narrow; the newest is 2",
      "warning narrow: Lambda's reserved concurrency is 4; declared is 3",
    ]);
    const FunctionName = "fanout-narrow";
    await fanout.lambda.send(new DeleteFunctionCommand({ FunctionName, Qualifier }));
    await unlimitScope(fanout.admin, "narrow");
    await fanout.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 3 }),
    );
    expect(complaints(await examine())).toEqual(["warning narrow: Restate's limit is none; declared is 3"]);
    await limitScopes(fanout.admin, new Map([["narrow", 3]]));
    expect(complaints(await examine())).toEqual([]);
  });

  test("finds a run whose version Lambda no longer has, and counts what is stuck", async () => {
    fanout.gate.use(() => {
      throw new Refusal("No.");
    });
    const run = await fanout.send("stuck", "orphan");
    await eventually(() => readStuckRuns(fanout, fanout.roster)).toHaveLength(1);
    await fanout.deploy("stuck");
    await fanout.lambda.send(new DeleteFunctionCommand({ FunctionName: "fanout-stuck", Qualifier: "1" }));
    expect(complaints(await examine())).toEqual([
      "problem stuck: 1 in flight on version 1, which Lambda no longer has",
      "warning runs: 1 paused, 0 failing again and again",
    ]);
    fanout.gate.use(() => {});
    await redrive(fanout, run, { kind: "resume", onLatest: true });
    await fanout.outcome(run);
  });

  test("finds a key that is refused, and says which one", async () => {
    const refusing = await serveOnLoopback(new Hono().all("/*", (c) => c.json({ message: "Who?" }, 401)));
    const refused = { admin: { url: refusing.url, token: "key_wrong" }, ingressUrl: refusing.url };
    const findings = await examine(refused);
    expect(complaints(findings)).toEqual([
      `problem admin API: ${refusing.url} refused the API key (401)`,
      `problem ingress: ${refusing.url} refused the API key (401)`,
    ]);
    expect(JSON.stringify(findings)).not.toContain("key_wrong");
    const withoutKey = await examine({ ...refused, admin: { url: refusing.url } });
    expect(withoutKey.find(({ check }) => check === "admin API")?.advice).toMatch(/^Set RESTATE_TOKEN/);
    await refusing.stop();
  });

  test("finds servers that do not answer, Lambda among them", async () => {
    const gone = await serveOnLoopback(new Hono());
    await gone.stop();
    const { lambda } = findInstallation(
      {},
      { adminUrl: gone.url, ingressUrl: gone.url, lambdaUrl: gone.url },
    );
    expect(complaints(await examine({ admin: { url: gone.url }, ingressUrl: gone.url, lambda }))).toEqual([
      "problem AWS: Lambda does not answer in us-east-1 (ECONNREFUSED)",
      `problem admin API: Restate's admin API at ${gone.url} does not answer. Is it running?`,
      `problem ingress: ${gone.url} does not answer`,
    ]);
  });

  test("finds settings and contracts that cannot be read", async () => {
    const findings = await diagnose(
      () => findInstallation({ FANOUT_TARGET: "cloud" }, undefined),
      async () => {
        throw new TypeError('Tool "roll_dice": timeout: expected an object, got 3');
      },
    );
    expect(complaints(findings)).toEqual([
      'problem contracts: Tool "roll_dice": timeout: expected an object, got 3',
      expect.stringContaining(
        "problem settings: The deployment's settings are wrong:\n  RESTATE_ENVIRONMENT_ID",
      ),
    ]);
  });

  test("compares with what a stage sets in place of the contract, and finds a stage that is set wrong", async () => {
    const inStage = (overrides: Record<string, ScalingOverride>) =>
      examine({}, { ...fanout.roster, scaling: { dev: overrides, prod: {} } });
    expect(complaints(await inStage({ gate: { memoryMb: 1024 } }))).toEqual([
      "warning gate: memory is 512 MB; declared is 1024 MB",
    ]);
    expect(complaints(await inStage({ gat: { memoryMb: 1024 } }))).toEqual([
      expect.stringMatching(
        /^problem scaling: The scaling of stage dev is wrong:\n {2}gat: unknown\. There are: gate,/,
      ),
    ]);
  });

  test("finds what is kept warm for nobody", async () => {
    const gate = findService(fanout.roster, fanout, "gate");
    await scale(fanout, gate, { provisioned: 1 }, () => {});
    const old = (await readStatus(fanout, fanout.roster)).services[0]?.liveVersion as string;
    const live = await fanout.deploy("gate");
    expect(complaints(await examine())).toEqual([
      `warning gate: 1 of version ${old} are kept warm, and billed, though new calls go to version ${live}`,
    ]);
    for (const candidate of await planPruning(fanout, fanout.roster))
      if (candidate.verdict === "remove") await removeCandidate(fanout, candidate);
    expect(complaints(await examine())).toEqual([]);
  });

  test("finds more reserved than the account has", async () => {
    const small = await startLambdaHost({ functions: [], accountConcurrency: 10, unreservedMinimum: 10 });
    const local = { adminUrl: fanout.admin.url, ingressUrl: fanout.ingressUrl, lambdaUrl: small.url };
    const findings = complaints(await examine({ lambda: findInstallation({}, local).lambda }));
    expect(findings).toContain(
      "problem concurrency: the account runs 10 at once, 10 of them are not reserved; 3 more are to be reserved, and Lambda keeps 100 unreserved",
    );
    await small.stop();
  });

  // The last of these, because the function does not come back.
  test("finds a function that was deleted", async () => {
    await fanout.lambda.send(new DeleteFunctionCommand({ FunctionName: "fanout-narrow" }));
    expect(complaints(await examine())).toContain("problem narrow: Lambda has no function fanout-narrow");
  });
});

describe("on a server with service protocol v6", () => {
  let fanout: TestInstallation;
  beforeAll(async () => {
    fanout = await startInstallation({ protocolV7: false });
  });
  afterAll(() => fanout?.stop());

  test("doctor says what that costs, and finds an agent that asks for limits that the server has not", async () => {
    await fanout.deploy("StructuredAgent", { spec: { environment: { RESTATE_SCOPES: "on" } } });
    const findings = await diagnose(
      () => fanout,
      async () => fanout.roster,
    );
    expect(
      findings.filter(({ level }) => level !== "ok").map(({ check, level }) => `${level} ${check}`),
    ).toEqual(["warning server", "warning flow control", "problem RESTATE_SCOPES"]);
  });

  test("status and scale do without Restate's limits", async () => {
    const service = findService(fanout.roster, fanout, "narrow");
    const { before, after } = await scale(fanout, service, { maxConcurrency: 2 }, () => {});
    expect([before.limit, before.slotsTaken, after.limit, after.reserved]).toEqual([
      undefined,
      undefined,
      undefined,
      2,
    ]);
  });
});
