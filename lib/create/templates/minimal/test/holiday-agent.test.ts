import { calls, runTool, says, startPlatform, startStandIn } from "fanout/testing";
import { expect, test } from "vitest";
import agent from "../functions/agents/holiday-agent/agent.ts";
import { service as getHolidays } from "../functions/tools/get_holidays/handler.ts";
import standIn from "../functions/tools/get_holidays/stand-in.ts";

/** The platform is a server and every function's bundle: it takes some seconds to start. */
const PATIENCE_MS = 120_000;

test("get_holidays finds the holidays of one month", async () => {
  await using provider = await startStandIn(standIn);
  const { holidays } = await runTool(getHolidays, { country: "no", year: 2027, month: 5 }, provider);
  expect(holidays.map(({ date, name }) => `${date} ${name}`)).toEqual([
    "2027-05-01 Labour Day",
    "2027-05-17 Constitution Day",
  ]);
});

test("get_holidays says which country is not known", async () => {
  await using provider = await startStandIn(standIn);
  const asked = runTool(getHolidays, { country: "XX", year: 2027 }, provider);
  await expect(asked).rejects.toThrow("No holidays are known for the country XX in 2027.");
});

test("the calls of a reply run in parallel, each on a function of its own", {
  timeout: PATIENCE_MS,
}, async () => {
  const [japan, norway] = ["JP", "NO"].map((country) => ({ country, year: 2027, month: 5 }));
  const model = [calls({ get_holidays: [japan, norway] }), says("Five days.")];
  await using platform = await startPlatform({ model });
  const { answer, toolCalls } = await platform.ask(
    agent,
    "Which holidays do Japan and Norway have in May 2027?",
  );
  expect(answer).toBe("Five days.");
  expect(toolCalls.map(({ tool, status }) => `${tool} ${status}`)).toEqual([
    "get_holidays ok",
    "get_holidays ok",
  ]);
  expect(platform.invocations("get_holidays")).toBe(2);
});
