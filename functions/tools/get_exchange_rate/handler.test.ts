import { type RunningStandIn, runTool, startStandIn } from "fanout/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service } from "./handler.ts";
import standIn from "./stand-in.ts";
import tool from "./tool.ts";

let provider: RunningStandIn;
beforeAll(async () => {
  provider = await startStandIn(standIn);
});
afterAll(() => provider.stop());

const ask = (from: string, to: string) => runTool(service, { from, to }, { env: provider.env });

describe("get_exchange_rate", () => {
  test("says how much of one currency a unit of the other buys, and as of when", async () => {
    const rate = await ask("USD", "JPY");
    expect(tool.output.parse(rate)).toEqual(rate);
    expect(rate).toEqual({
      from: "USD",
      to: "JPY",
      rate: 149.74,
      date: "2026-05-15",
      source: "European Central Bank reference rates, through Frankfurter",
    });
  });

  test("takes codes in lower case", async () => {
    expect(await ask(" eur", "usd")).toMatchObject({ from: "EUR", to: "USD", rate: 1.0842 });
  });

  test("asks nobody for a currency in itself", async () => {
    const before = provider.requests();
    expect(await ask("CHF", "chf")).toMatchObject({ rate: 1 });
    expect(provider.requests()).toBe(before);
  });

  test.each([
    ["USD", "XYZ", "no rate for XYZ. Currencies: AUD, BGN"],
    ["QQQ", "USD", "no rate for QQQ."],
    ["QQQ", "XYZ", "no rate for QQQ and XYZ."],
  ])("names the unknown currency in %s to %s, and lists the known ones", async (from, to, message) => {
    await expect(ask(from, to)).rejects.toMatchObject({
      message: expect.stringContaining(message),
      retryable: false,
    });
  });

  test("refuses anything but a currency code before asking", () => {
    expect(() => tool.input.parse({ from: "dollars", to: "JPY" })).toThrow("ISO 4217");
  });

  test("reports a provider's rate limit as a failure worth another attempt", async () => {
    provider.fail({ rateLimitRate: 1 });
    await expect(ask("USD", "JPY")).rejects.toMatchObject({ retryable: true, retryAfterSeconds: 1 });
    provider.recover();
  });
});
