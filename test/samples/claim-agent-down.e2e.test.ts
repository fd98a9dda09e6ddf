import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import agent from "../../functions/agents/parallel-tool-claim-agent/agent.ts";
import type { Decision } from "../../functions/agents/parallel-tool-claim-agent/decision.ts";
import calculateMetrics from "../../functions/tools/calculate_metrics/tool.ts";
import checkEligibility from "../../functions/tools/check_eligibility/tool.ts";
import checkFraud from "../../functions/tools/check_fraud/tool.ts";
import compareToStandardRates from "../../functions/tools/compare_to_standard_rates/tool.ts";
import { standIns } from "../../functions/tools/stand-ins.ts";
import { type LambdaHost, startLambdaHost } from "../../lib/lambda-host/index.ts";
import { type RestateServer, startRestateServer } from "../../lib/local/index.ts";
import { cancelInvocation, query, registerLambda } from "../../lib/restate/index.ts";
import { type Sandbox, startSandbox } from "../../lib/sandbox/index.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../../lib/stack/index.ts";
import { serverSettings } from "../../lib/testing/modes.ts";
import { ROOT } from "../support/imports.ts";
import { DISTINCT_MODES } from "../support/modes.ts";

// The agent and the tools that ship, but for one that is down, in their bundles; the offline model asks for the metrics.

const CLAIM = {
  date: "2024-10-01",
  category: "orthopedic",
  reason: "broken leg",
  amount: 3000,
  placeOfService: "General Hospital",
};
const HANDLERS = {
  [checkEligibility.name]: "functions/tools/check_eligibility/handler.ts",
  [compareToStandardRates.name]: "functions/tools/compare_to_standard_rates/handler.ts",
  [checkFraud.name]: "test/samples/check_fraud_down/handler.ts",
  [calculateMetrics.name]: "functions/tools/calculate_metrics/handler.ts",
  [agent.name]: "functions/agents/parallel-tool-claim-agent/handler.ts",
};
const NAMES = Object.keys(HANDLERS);

/** What the ingress answers: an assessment, or the id of a run that was sent. */
interface Body {
  text: string;
  decision: Decision;
  invocationId: string;
}

describe.each(DISTINCT_MODES)("on %s", (mode) => {
  const directory = mkdtempSync(join(tmpdir(), "fanout-claim-test-"));
  let sandbox: Sandbox;
  let lambda: LambdaHost;
  let restate: RestateServer;
  beforeAll(async () => {
    // The tools' words are the stand-ins'; their providers are not asked.
    sandbox = await startSandbox({ standIns, upstreams: false, faults: { openai: { latencyMs: 0 } } });
    const entries = Object.entries(HANDLERS).map(([name, file]) => [name, join(ROOT, file)]);
    bundleFunctions(Object.fromEntries(entries), directory);
    lambda = await startLambdaHost({
      functions: NAMES.map((name) => ({
        name,
        codeDir: join(directory, name),
        handler: BUNDLE_HANDLER,
        memoryMb: 512,
        timeoutSeconds: 60,
        environment: { ...sandbox.environment.models },
      })),
    });
    restate = await startRestateServer({
      dataDir: join(directory, "restate"),
      lambdaUrl: lambda.url,
      ports: { ingress: await getPort(), admin: await getPort(), node: await getPort() },
      ...serverSettings(mode),
    });
    for (const name of NAMES) {
      await registerLambda({ url: restate.adminUrl }, lambda.arn(name), { private: name !== agent.name });
    }
  });
  afterAll(async () => {
    await restate?.stop();
    await Promise.all([lambda?.stop(), sandbox?.stop()]);
    rmSync(directory, { recursive: true, force: true });
  });
  const post = async (claim: unknown, how: "call" | "send") => {
    const response = await fetch(`${restate.ingressUrl}/restate/${how}/${agent.name}/run`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(claim),
    });
    return { status: response.status, body: (await response.json()) as Body };
  };
  test("the claim goes to a person, with the reason, and the other parts' results stay", async () => {
    const { status, body } = await post(CLAIM, "call");
    expect(status).toBe(200);
    expect(body.decision).toEqual({
      outcome: "review",
      payableAmount: 0,
      reasons: [
        "Fraud could not be checked: The fraud heuristics are being updated.",
        "If a person clears it, 2250 is payable.",
      ],
    });
    expect(body.text).toContain("Fraud: not known: The fraud heuristics are being updated.");
  });

  test("F13: a run that is cancelled while it waits for it ends at once, with its calls", async () => {
    lambda.resetStats();
    const asked = sandbox.requests().openai ?? 0;
    const sent = await post({ ...CLAIM, reason: "stuck" }, "send");
    await expect
      .poll(() => lambda.stats().functions[checkFraud.name]?.invocations, { timeout: 10_000 })
      .toBe(1);
    await cancelInvocation({ url: restate.adminUrl }, sent.body.invocationId);
    const completed = async () => {
      const [run] = await query(
        { url: restate.adminUrl },
        `SELECT completion_failure FROM sys_invocation WHERE id = '${sent.body.invocationId}'`,
      );
      return run?.completion_failure;
    };
    await expect.poll(completed, { timeout: 10_000 }).toMatch(/cancelled/i);
    expect(sandbox.requests().openai).toBe(asked + 1);
  });
});
