import { DeleteFunctionCommand, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Roster } from "../lib/deployment/index.ts";
import type { ScalingOverride } from "../lib/deployment/scaling.ts";
import { startLambdaHost } from "../lib/lambda-host/index.ts";
import {
  diagnose,
  type Finding,
  findInstallation,
  findService,
  type Installation,
  planPruning,
  readStatus,
  readStuckRuns,
  redrive,
  removeCandidate,
  scale,
} from "../lib/operate/index.ts";
import { limitScopes, unlimitScope } from "../lib/restate/index.ts";
import { serveOnLoopback } from "../lib/sandbox/index.ts";
import { defineTool } from "../lib/tool/index.ts";
import { eventually } from "./support/eventually.ts";
import gateTool from "./support/functions/gate/tool.ts";
import { Refusal } from "./support/gate.ts";
import { startInstallation, type TestInstallation } from "./support/installation.ts";

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
    const findings = await examine({}, { tools, agents });
    expect(findings.find(({ check }) => check === "gate")?.advice).toMatch(
      new RegExp(`: curl -X DELETE '${fanout.admin.url}/deployments/dp_\\w+\\?force=true'$`),
    );
    expect(complaints(findings).sort()).toEqual([
      "problem absent: Lambda has no function fanout-absent",
      "problem absent: it is not registered with Restate",
      "warning StructuredAgent: it is registered, served by fanout-StructuredAgent, and not in the project",
      "warning gate: it is registered, served by fanout-gate, and not in the project",
    ]);
  });

  test("says what somebody has to see to before a tool may run", async () => {
    const tools = fanout.roster.tools.map((tool) =>
      tool.name === "gate" ? defineTool({ ...gateTool, setup: "a key to the gate" }) : tool,
    );
    const findings = await examine({}, { ...fanout.roster, tools });
    expect(complaints(findings)).toEqual([]);
    expect(findings).toContainEqual({ check: "gate", level: "ok", text: "needs a key to the gate" });
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
    await eventually(() => readStuckRuns(fanout, fanout.services)).toHaveLength(1);
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
    const gate = findService(fanout.services, "gate");
    await scale(fanout, gate, { provisioned: 1 }, () => {});
    const old = (await readStatus(fanout, fanout.services)).services[0]?.liveVersion as string;
    const live = await fanout.deploy("gate");
    expect(complaints(await examine())).toEqual([
      `warning gate: 1 of version ${old} are kept warm, and billed, though new calls go to version ${live}`,
    ]);
    for (const candidate of await planPruning(fanout, fanout.services))
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
    const service = findService(fanout.services, "narrow");
    const { before, after } = await scale(fanout, service, { maxConcurrency: 2 }, () => {});
    expect([before.limit, before.slotsTaken, after.limit, after.reserved]).toEqual([
      undefined,
      undefined,
      undefined,
      2,
    ]);
  });
});
