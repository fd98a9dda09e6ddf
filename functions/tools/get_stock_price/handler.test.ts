import { serveOnLoopback } from "fanout/sandbox";
import { type RunningStandIn, runTool, startStandIn } from "fanout/testing";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { service } from "./handler.ts";
import standIn from "./stand-in.ts";
import tool from "./tool.ts";

let provider: RunningStandIn;
beforeAll(async () => {
  provider = await startStandIn(standIn);
});
afterAll(() => provider.stop());

const ask = (symbol: string, env = provider.env) => runTool(service, { symbol }, { env });

describe("get_stock_price", () => {
  test("says the price, the change and the time", async () => {
    const quote = await ask("aapl");
    expect(tool.output.parse(quote)).toEqual(quote);
    expect(quote).toEqual({
      symbol: "AAPL",
      price: 231.42,
      currency: "USD",
      change: 1.55,
      changePercent: 0.6743,
      previousClose: 229.87,
      asOf: "2026-05-15T20:00:00.000Z",
    });
  });

  test("claims no currency for a ticker whose suffix may be an exchange abroad", async () => {
    expect(await ask("BRK.B")).not.toHaveProperty("currency");
  });

  test("recognises a quote of zeros as an unknown ticker", async () => {
    await expect(ask("ZZZZZ")).rejects.toMatchObject({
      message: 'No share with the ticker "ZZZZZ". Check the symbol.',
      retryable: false,
    });
  });

  test("sends the key only in a header, and says that it was refused without repeating it", async () => {
    let asked = "";
    const strict = await serveOnLoopback(
      new Hono().get("/api/v1/quote", (c) => {
        asked = `${c.req.url} ${c.req.header("x-finnhub-token")}`;
        return c.json({ error: "Invalid API key." }, 401);
      }),
    );
    await expect(ask("AAPL", { FINNHUB_URL: strict.url, FINNHUB_API_KEY: "wrong" })).rejects.toMatchObject({
      message: "Finnhub rejected the API key",
      retryable: false,
    });
    expect(asked).toBe(`${strict.url}/api/v1/quote?symbol=AAPL wrong`);
    await strict.stop();
  });

  test("reports a provider's rate limit as a failure worth another attempt", async () => {
    provider.fail({ rateLimitRate: 1 });
    await expect(ask("AAPL")).rejects.toMatchObject({ retryable: true, retryAfterSeconds: 1 });
    provider.recover();
  });
});
