import { describe, expect, it } from "vitest";
import { Faults, parseFault } from "./faults.ts";

describe("parseFault", () => {
  it.each([
    ["finnhub:latencyMs=500,rateLimitRate=1", "finnhub", { latencyMs: 500, rateLimitRate: 1 }],
    ["open-meteo:errorRate=0.25", "open-meteo", { errorRate: 0.25 }],
    ["postgres:hang", "postgres", { hang: true }],
    ["openai: hang=false , latencyMs=0", "openai", { hang: false, latencyMs: 0 }],
  ])("reads %s", (text, upstream, fault) => {
    expect(parseFault(text)).toEqual({ upstream, fault });
  });

  it.each([
    ["finhub:errorRate=1", 'Unknown upstream "finhub". Upstreams: openai, anthropic, bedrock, tavily,'],
    ["finnhub", 'Expected <upstream>:<field>=<value>,… such as finnhub:rateLimitRate=1, got "finnhub".'],
    ["finnhub:slow=1", 'unknown field "slow". Fields: latencyMs, errorRate, rateLimitRate, hang.'],
    ["finnhub:latency=500", 'Fault of finnhub: unknown field "latency", it is called latencyMs. Fields:'],
    ["finnhub:error=1", 'unknown field "error", it is called errorRate.'],
    ["finnhub:rateLimit=1", 'unknown field "rateLimit", it is called rateLimitRate.'],
    ["finnhub:=1", 'unknown field "". Fields:'],
    ["finnhub:errorRate=lots", "Fault of finnhub: errorRate: "],
    ["finnhub:errorRate=", "Fault of finnhub: errorRate: "],
    ["finnhub:errorRate", "Fault of finnhub: errorRate: "],
    ["finnhub:errorRate=2", "Fault of finnhub: errorRate: Too big"],
    ["finnhub:hang=maybe", "Fault of finnhub: hang: "],
  ])("refuses %s and says what there is", (text, message) => {
    expect(() => parseFault(text)).toThrow(message);
  });
});

describe("Faults", () => {
  it("goes back to the default where a fault leaves a field out", () => {
    const faults = new Faults();
    const before = faults.get("finnhub");
    faults.set("finnhub", { errorRate: 1, latencyMs: 0 });
    expect(faults.set("finnhub", {})).toEqual(before);
  });

  it("draws by rate, a rate limit before an error", () => {
    const faults = new Faults();
    const drawn = () => new Set(Array.from({ length: 400 }, () => faults.draw("tavily")));
    expect(drawn()).toEqual(new Set([undefined]));
    faults.set("tavily", { errorRate: 0.5 });
    expect(drawn()).toEqual(new Set([undefined, 500]));
    faults.set("tavily", { errorRate: 1, rateLimitRate: 1 });
    expect(drawn()).toEqual(new Set([429]));
  });
});
