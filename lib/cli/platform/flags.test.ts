import { Hono } from "hono";
import { expect, test } from "vitest";
import { defineStandIn } from "../../sandbox/index.ts";
import { readFault } from "./flags.ts";

const standIns = {
  get_stock_price: defineStandIn({ provider: "finnhub", env: () => ({}), app: new Hono() }),
};

test("faults of the same upstream are merged; those of others stay as they are", () => {
  const flags = ["finnhub:errorRate=1", "openai:latencyMs=5", "finnhub:latencyMs=20"];
  expect(flags.reduce((before, flag) => readFault(flag, standIns, before), {})).toEqual({
    finnhub: { errorRate: 1, latencyMs: 20 },
    openai: { latencyMs: 5 },
  });
});

test("a fault that cannot be read is refused", () => {
  expect(() => readFault("finhub:errorRate=1", standIns)).toThrow(TypeError);
});
