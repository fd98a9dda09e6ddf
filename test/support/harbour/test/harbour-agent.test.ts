import { calls, MODES, says, startPlatform } from "fanout/testing";
import { expect, test } from "vitest";
import agent from "../functions/agents/harbour-agent/agent.ts";

const bothTides = calls({ get_tide: [{ harbour: "Oslo" }, { harbour: "Bergen" }] });

test.each(MODES)("two tides are two calls at once (%s)", { timeout: 60_000 }, async (mode) => {
  await using platform = await startPlatform({
    mode,
    model: [bothTides, says("At 06:12 and 07:03.")],
  });
  const { answer, toolCalls } = await platform.ask(agent, "When is high water in Oslo and Bergen?");
  expect(answer).toBe("At 06:12 and 07:03.");
  expect(toolCalls.map(({ tool, status }) => `${tool}: ${status}`)).toEqual(["get_tide: ok", "get_tide: ok"]);
  expect(platform.invocations("get_tide")).toBe(2);
});
