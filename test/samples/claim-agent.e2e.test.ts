import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import agent from "../../functions/agents/parallel-tool-claim-agent/agent.ts";
import type { Decision } from "../../functions/agents/parallel-tool-claim-agent/decision.ts";
import calculateMetrics from "../../functions/tools/calculate_metrics/tool.ts";
import checkEligibility from "../../functions/tools/check_eligibility/tool.ts";
import checkFraud from "../../functions/tools/check_fraud/tool.ts";
import compareToStandardRates from "../../functions/tools/compare_to_standard_rates/tool.ts";
import { calls, MODES, says, startPlatform, type TestPlatform } from "../../lib/testing/index.ts";
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

/** What the ingress answers: an assessment, or a refusal. */
interface Body {
  text: string;
  decision: Decision;
  message: string;
}

describe.each(MODES)("on %s", (mode) => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ root: ROOT, mode });
  });
  afterAll(() => platform?.stop());
  beforeEach(() => {
    platform.use(undefined);
    platform.recover();
    platform.resetInvocations();
  });

  const post = async (claim: unknown, path = `/restate/call/${agent.name}/run`, headers = {}) => {
    const response = await fetch(`${platform.ingressUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(claim),
    });
    return { status: response.status, body: (await response.json()) as Body };
  };
  const invocations = (name: string) => platform.invocations(name);

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
    expect(platform.modelRequests).toHaveLength(2);
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
    expect(platform.modelRequests).toEqual([]);
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
    const cheaper = { ...CLAIM, amount: 600 };
    platform.use([calls({ [calculateMetrics.name]: [cheaper, cheaper] }), says("Done.")]);
    const { body } = await post(CLAIM);
    expect(body).toMatchObject({ text: "Done.", decision: { outcome: "approve", payableAmount: 2250 } });
    // F6: the two that are alike run once.
    expect(invocations(checkEligibility.name)).toBe(2);
  });

  test("F11: a model that never stops calling is asked for an answer in the end, and answered for", async () => {
    platform.use(({ tool_choice }) =>
      tool_choice === "none" ? says("Enough.") : calls({ [calculateMetrics.name]: {} }),
    );
    const { body } = await post(CLAIM);
    expect(platform.modelRequests).toHaveLength(agent.limits.maxTurns);
    expect(body).toMatchObject({ text: "Enough.", decision: { outcome: "approve", payableAmount: 2250 } });
  });

  test("a model that stays away is asked three times, then the run fails with a clean 502", async () => {
    platform.fail({ openai: { errorRate: 1 } });
    const before = Number(platform.requests().openai);
    const { status, body } = await post(CLAIM);
    expect(status).toBe(502);
    expect(body.message).toMatch(/^The model openai\/gpt-5\.4 answered 500/);
    expect(body.message).not.toMatch(/https?:|127\.0\.0\.1|\n/);
    expect(Number(platform.requests().openai) - before).toBe(3);
  });
});
