import { calls, says, startPlatform } from "fanout/testing";
import { expect, test } from "vitest";
import agent from "../functions/agents/claim-desk/agent.ts";

/** The platform is a server and every function's bundle: it takes some seconds to start. */
const PATIENCE_MS = 120_000;
const CLAIM = {
  date: "2024-10-01",
  category: "orthopedic",
  reason: "broken leg",
  amount: 3000,
  placeOfService: "General Hospital",
};

test("one call of calculate_metrics runs three checks, each on a function of its own", {
  timeout: PATIENCE_MS,
}, async () => {
  const model = [calls({ calculate_metrics: CLAIM }), says("It is covered.")];
  await using platform = await startPlatform({ model });
  const { answer, toolCalls } = await platform.ask(agent, `Assess this claim: ${JSON.stringify(CLAIM)}`);
  expect(answer).toBe("It is covered.");
  expect(toolCalls).toMatchObject([{ tool: "calculate_metrics", status: "ok" }]);
  const checks = ["check_eligibility", "check_fraud", "compare_to_standard_rates"];
  expect(checks.map((name) => platform.invocations(name))).toEqual([1, 1, 1]);
});
