import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ChatCompletionRequest } from "@copilotkit/aimock";
import getPort from "get-port";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
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
import { type ModelScript, type Sandbox, startSandbox } from "../../lib/sandbox/index.ts";
import { planner } from "../../lib/sandbox/planner/planner.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../../lib/stack/index.ts";
import { MODES } from "../../lib/testing/index.ts";
import { serverSettings } from "../../lib/testing/modes.ts";
import { ROOT } from "../support/imports.ts";

// The agent and the tools that ship, in their bundles; the offline model asks for the metrics.

const CLAIM = {
  date: "2024-10-01",
  category: "orthopedic",
  reason: "broken leg",
  amount: 3000,
  placeOfService: "General Hospital",
};
const PARTS = [checkEligibility.name, compareToStandardRates.name, checkFraud.name];
const NAMES = [...PARTS, calculateMetrics.name, agent.name];
const DOWN = "check_fraud_down";
const handlerOf = (name: string) => {
  if (name === DOWN) return `test/samples/${DOWN}/handler.ts`;
  return name === agent.name
    ? "functions/agents/parallel-tool-claim-agent/handler.ts"
    : `functions/tools/${name}/handler.ts`;
};
const offline = planner(standIns, true);

/** What the ingress answers: an assessment, a refusal, or the id of a run that was sent. */
interface Body {
  text: string;
  decision: Decision;
  message: string;
  invocationId: string;
}

describe.each(MODES)("on %s", (mode) => {
  const directory = mkdtempSync(join(tmpdir(), "fanout-claim-test-"));
  let sandbox: Sandbox;
  let lambda: LambdaHost;
  let restate: RestateServer;
  let script: ModelScript = offline;
  const asked: ChatCompletionRequest[] = [];
  beforeAll(async () => {
    sandbox = await startSandbox({
      faults: { openai: { latencyMs: 0 } },
      model: (request) => {
        asked.push(request);
        return script(request);
      },
    });
    const names = [...NAMES, DOWN];
    bundleFunctions(Object.fromEntries(names.map((name) => [name, join(ROOT, handlerOf(name))])), directory);
    lambda = await startLambdaHost({
      functions: names.map((name) => ({
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
  beforeEach(async () => {
    script = offline;
    asked.length = 0;
    sandbox.faults.set("openai", { latencyMs: 0 });
    await fetch(`${lambda.url}/_stats/reset`, { method: "POST" });
  });

  const post = async (claim: unknown, path = `/restate/call/${agent.name}/run`, headers = {}) => {
    const response = await fetch(`${restate.ingressUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(claim),
    });
    return { status: response.status, body: (await response.json()) as Body };
  };
  const invocations = (name: string) => lambda.stats().functions[name]?.invocations ?? 0;

  test.each([`/restate/call/${agent.name}/run`, `/${agent.name}/run`])(
    "%s assesses the sample claim",
    async (path) => {
      const { status, body } = await post(CLAIM, path);
      expect(status).toBe(200);
      expect(body).toEqual({
        text: expect.stringMatching(
          /Eligibility: covered\.[\s\S]*Standard rates: 3000 is within[\s\S]*Fraud: low risk\.[\s\S]*offline sandbox model/,
        ),
        decision: {
          outcome: "approve",
          payableAmount: 2250,
          reasons: [
            expect.stringContaining("part of the medical coverage"),
            expect.stringContaining("the policy pays 90 % of 2500: 2250."),
          ],
        },
      });
    },
  );

  test("the three parts run at the same time, each once, and each model request is one durable step", async () => {
    await post(CLAIM);
    expect(asked).toHaveLength(2);
    expect(PARTS.map(invocations)).toEqual([1, 1, 1]);
    const exact = (count: number) => (mode === "v6" ? expect.any(Number) : count);
    expect(invocations(calculateMetrics.name)).toEqual(exact(2));
    expect(invocations(agent.name)).toEqual(exact(2));
  });

  test.each([
    ["date", { ...CLAIM, date: "2024-02-30" }],
    ["amount", { ...CLAIM, amount: -1 }],
    ["amount", { ...CLAIM, amount: "3000" }],
    ["placeOfService", { ...CLAIM, placeOfService: undefined }],
    ["colour", { ...CLAIM, colour: "red" }],
  ])("a claim with a bad %s is refused as a 400 that names it", async (field, claim) => {
    const { status, body } = await post(claim);
    expect(status).toBe(400);
    expect(body.message).toContain(field);
    expect(asked).toEqual([]);
  });

  test("the header that only calls inside a run carry changes nothing when a caller sends it", async () => {
    const forged = { "x-fanout": "run=inv_1forged&until=1" };
    const { body } = await post(CLAIM, undefined, forged);
    expect(body.decision).toMatchObject({ outcome: "approve", payableAmount: 2250 });
  });

  test("what the policy does not cover is denied", async () => {
    const { body } = await post({ ...CLAIM, category: "astrology" });
    expect(body.decision).toMatchObject({ outcome: "deny", payableAmount: 0 });
  });

  test("a model that calls with another claim, several times at once, changes nothing about the decision", async () => {
    const cheaper = JSON.stringify({ ...CLAIM, amount: 600 });
    script = () =>
      asked.length > 1
        ? { content: "Done." }
        : {
            toolCalls: [cheaper, cheaper].map((input) => ({ name: calculateMetrics.name, arguments: input })),
          };
    const { body } = await post(CLAIM);
    expect(body).toMatchObject({ text: "Done.", decision: { outcome: "approve", payableAmount: 2250 } });
    // F6: the two that are alike run once.
    expect(invocations(checkEligibility.name)).toBe(2);
  });

  test("F11: a model that never stops calling is asked for an answer in the end, and answered for", async () => {
    script = ({ tool_choice }) =>
      tool_choice === "none"
        ? { content: "Enough." }
        : { toolCalls: [{ name: calculateMetrics.name, arguments: "{}" }] };
    const { body } = await post(CLAIM);
    expect(asked).toHaveLength(agent.limits.maxTurns);
    expect(body).toMatchObject({ text: "Enough.", decision: { outcome: "approve", payableAmount: 2250 } });
  });

  test("a model that stays away is asked three times, then the run fails with a clean 502", async () => {
    sandbox.faults.set("openai", { latencyMs: 0, errorRate: 1 });
    const before = Number(sandbox.requests().openai);
    const { status, body } = await post(CLAIM);
    expect(status).toBe(502);
    expect(body.message).toMatch(/^The model openai\/gpt-5\.4 answered 500/);
    expect(body.message).not.toMatch(/https?:|127\.0\.0\.1|\n/);
    expect(Number(sandbox.requests().openai) - before).toBe(3);
  });

  describe("when check_fraud is down", () => {
    beforeAll(() => registerLambda({ url: restate.adminUrl }, lambda.arn(DOWN), { private: true }));

    test("the claim goes to a person, with the reason, and the other parts' results stay", async () => {
      const { status, body } = await post(CLAIM);
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
      const sent = await post({ ...CLAIM, reason: "stuck" }, `/restate/send/${agent.name}/run`);
      await expect.poll(() => invocations(DOWN), { timeout: 10_000 }).toBe(1);
      await cancelInvocation({ url: restate.adminUrl }, sent.body.invocationId);
      const completed = async () => {
        const [run] = await query(
          { url: restate.adminUrl },
          `SELECT completion_failure FROM sys_invocation WHERE id = '${sent.body.invocationId}'`,
        );
        return run?.completion_failure;
      };
      await expect.poll(completed, { timeout: 10_000 }).toMatch(/cancelled/i);
      expect(asked).toHaveLength(1);
    });
  });
});
