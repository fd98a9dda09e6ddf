import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { standIns } from "../../functions/tools/stand-ins.ts";
import type { AgentOutput } from "../../lib/agent/index.ts";
import { type LambdaHost, startLambdaHost } from "../../lib/lambda-host/index.ts";
import { type RestateServer, startRestateServer } from "../../lib/local/index.ts";
import { registerLambda } from "../../lib/restate/index.ts";
import { type Sandbox, startSandbox } from "../../lib/sandbox/index.ts";
import { planner } from "../../lib/sandbox/planner/planner.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../../lib/stack/index.ts";
import { ROOT } from "../support/imports.ts";
import { copyProject } from "../support/project.ts";

// The agents of the examples of other SDKs, with the tools that ship.

const PARTS = ["check_eligibility", "compare_to_standard_rates", "check_fraud"];
const TOOLS = ["calculate_metrics", ...PARTS];
const CLAIM =
  'Assess this claim: {"date": "2024-10-01", "category": "orthopedic", "reason": "broken leg", "amount": 3000, "placeOfService": "General Hospital"}';
const ASSESSED = /Eligibility: covered\.[\s\S]*Standard rates: 3000 is within[\s\S]*Fraud: low risk\./;
/** Bundling another SDK and starting a platform take a while on a busy machine. */
const PATIENCE_MS = 180_000;

/** An example's packages are no part of the project's own. */
const isInstalled = (example: string) => existsSync(join(ROOT, "examples", example, "node_modules"));

describe("the claim", () => {
  const directory = mkdtempSync(join(tmpdir(), "fanout-examples-test-"));
  let sandbox: Sandbox;
  let lambda: LambdaHost;
  let restate: RestateServer;
  beforeAll(async () => {
    sandbox = await startSandbox({
      faults: { openai: { latencyMs: 0 }, google: { latencyMs: 0 } },
      model: planner(standIns, true),
    });
    bundleFunctions(entriesOf(TOOLS, join(ROOT, "functions/tools")), directory);
    lambda = await startLambdaHost({ functions: TOOLS.map(specOf) });
    const ports = { ingress: await getPort(), admin: await getPort(), node: await getPort() };
    const dataDir = join(directory, "restate");
    restate = await startRestateServer({ dataDir, lambdaUrl: lambda.url, ports, protocolV7: true });
    for (const name of TOOLS)
      await registerLambda({ url: restate.adminUrl }, lambda.arn(name), { private: true });
  }, PATIENCE_MS);
  afterAll(async () => {
    await restate?.stop();
    await Promise.all([lambda?.stop(), sandbox?.stop()]);
    rmSync(directory, { recursive: true, force: true });
  });
  const entriesOf = (names: string[], folder: string) =>
    Object.fromEntries(names.map((name) => [name, join(folder, name, "handler.ts")]));
  const specOf = (name: string) => ({
    name,
    codeDir: join(directory, name),
    handler: BUNDLE_HANDLER,
    memoryMb: 512,
    timeoutSeconds: 60,
    environment: { ...sandbox.environment.models },
  });

  test.each(
    [
      ["openai-agents", "claim-desk", "ClaimDesk", []],
      ["langchain", "claim-desk", "ClaimDesk", ["langchain"]],
      ["langchain", "claim-graph", "ClaimGraph", ["langchain"]],
      ["adk", "claim-desk", "ClaimDesk", ["@google/adk"]],
    ].filter(([example]) => isInstalled(example as string)),
  )(
    "is answered by examples/%s, %s, with its three checks on three functions",
    async (example, folder, agent, bundled) => {
      const root = join(ROOT, "examples", example as string);
      const name = `${example}-${folder}`;
      const entry = join(root, "functions/agents", folder as string, "handler.ts");
      bundleFunctions({ [name]: entry }, directory, { root, code: () => ({ bundled: bundled as string[] }) });
      lambda.publish(specOf(name));
      await registerLambda({ url: restate.adminUrl }, lambda.arn(name), { private: false });
      await fetch(`${lambda.url}/_stats/reset`, { method: "POST" });
      const response = await fetch(`${restate.ingressUrl}/${agent}/run`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ message: CLAIM }),
      });
      const run = (await response.json()) as AgentOutput;
      expect(run).toMatchObject({ answer: expect.stringMatching(ASSESSED), finishReason: "stop", turns: 2 });
      const { functions } = lambda.stats();
      const invocations = [name, ...TOOLS].map((one) => functions[one]?.invocations ?? 0);
      expect(invocations).toEqual([2, 2, 1, 1, 1]);
    },
    PATIENCE_MS,
  );
});

test.runIf(isInstalled("openai-agents"))(
  "an example is a project: one command answers the claim, and it compiles",
  async () => {
    const project = copyProject("examples/openai-agents");
    try {
      const { code, stdout, stderr } = await project.fanout(["start", "--once"]);
      expect(code, stderr).toBe(0);
      expect(stdout).toMatch(ASSESSED);
      expect(await project.run("tsc", ["--singleThreaded"])).toMatchObject({ code: 0, stdout: "" });
    } finally {
      await project.remove();
    }
  },
  PATIENCE_MS,
);
