import { expect, test } from "vitest";
import { readFault } from "./up.ts";

test("faults of one upstream add up; others stay as they are", () => {
  const flags = ["finnhub:error=1", "openai:latency=5", "finnhub:latency=20"];
  expect(flags.reduce((before, flag) => readFault(flag, before), {})).toEqual({
    finnhub: { errorRate: 1, latencyMs: 20 },
    openai: { latencyMs: 5 },
  });
});

test("a fault that cannot be read is refused", () => {
  expect(() => readFault("finhub:error=1")).toThrow(TypeError);
});
