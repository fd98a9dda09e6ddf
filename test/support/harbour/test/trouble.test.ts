import { calls, resultsIn, says, startPlatform, type TestPlatform } from "fanout/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import agent from "../functions/agents/harbour-agent/agent.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
}, 60_000);
afterEach(() => platform?.recover());
afterAll(() => platform?.stop());

const oslo = calls({ get_tide: { harbour: "Oslo" } });

test("a provider that is down is a result that the model reads", async () => {
  platform.use([oslo, says("Ask me later.")]);
  platform.fail({ tides: { errorRate: 1 } });
  const { toolCalls } = await platform.ask(agent, "When is high water in Oslo?");
  expect(toolCalls).toMatchObject([{ status: "error", attempts: 3 }]);
  const [result] = Object.values(resultsIn(platform.modelRequests.at(-1)));
  expect(JSON.stringify(result)).toContain("Tides has a problem (status 500)");
}, 60_000);

test("a run survives that its function and the server die", async () => {
  platform.use([oslo, says("At 06:12.")]);
  platform.fail({ tides: { hang: true } });
  const before = platform.requests().tides ?? 0;
  const run = platform.ask(agent, "When is high water in Oslo?");
  await expect.poll(() => platform.requests().tides, { timeout: 30_000 }).toBe(before + 1);
  platform.recover();
  platform.killFunctions("get_tide");
  await platform.crashServer();
  expect(await run).toMatchObject({ answer: "At 06:12.", toolCalls: [{ status: "ok" }] });
}, 60_000);

test("each message of a conversation has its own replies", async () => {
  platform.use({
    "When is high water in Oslo?": [oslo, says("At 06:12.")],
    "And in Bergen?": [calls({ get_tide: { harbour: "Bergen" } }), says("At 07:03.")],
  });
  const { conversation, result } = platform.client.agent(agent);
  const sailor = conversation("sailor-1");
  for (const [question, answer] of [
    ["When is high water in Oslo?", "At 06:12."],
    ["And in Bergen?", "At 07:03."],
  ] as const) {
    const { id } = await sailor.send(question);
    expect((await result(id)).answer).toBe(answer);
  }
}, 60_000);
