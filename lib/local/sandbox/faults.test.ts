import { describe, expect, it } from "vitest";
import { Faults, parseFault } from "./faults.ts";

describe("parseFault", () => {
  it.each([
    ["finnhub:latency=500,rateLimit=1", "finnhub", { latencyMs: 500, rateLimitRate: 1 }],
    ["open-meteo:error=0.25", "open-meteo", { errorRate: 0.25 }],
    ["postgres:hang", "postgres", { hang: true }],
    ["openai: hang=false , latency=0", "openai", { hang: false, latencyMs: 0 }],
  ])("reads %s", (text, upstream, fault) => {
    expect(parseFault(text)).toEqual({ upstream, fault });
  });

  it.each([
    ["finhub:error=1", 'Unknown upstream "finhub". Upstreams: openai, anthropic, bedrock, tavily,'],
    ["finnhub", 'Expected <upstream>:<field>=<value>,… such as finnhub:rateLimit=1, got "finnhub".'],
    ["finnhub:slow=1", 'Unknown fault "slow". Faults: latency, error, rateLimit, hang.'],
    ["finnhub:error=lots", 'Fault error: expected a number, got "lots".'],
    ["finnhub:error", 'Fault error: expected a number, got "".'],
    ["finnhub:error=2", "Fault of finnhub: errorRate: Too big"],
    ["finnhub:hang=maybe", 'Fault hang: expected true or false, got "maybe".'],
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
