import { expect, test } from "vitest";
import { readFault } from "./flags.ts";

test("faults of one upstream add up; others stay as they are", () => {
  const flags = ["finnhub:errorRate=1", "openai:latencyMs=5", "finnhub:latencyMs=20"];
  expect(flags.reduce((before, flag) => readFault(flag, before), {})).toEqual({
    finnhub: { errorRate: 1, latencyMs: 20 },
    openai: { latencyMs: 5 },
  });
});

test("a fault that cannot be read is refused", () => {
  expect(() => readFault("finhub:errorRate=1")).toThrow(TypeError);
});
