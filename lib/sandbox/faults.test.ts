import { describe, expect, test } from "vitest";
import { Faults, parseFault } from "./faults.ts";

const UPSTREAMS = ["openai", "finnhub", "open-meteo", "postgres"].map((name) => ({ name, latencyMs: 300 }));

describe("parseFault", () => {
  test.each([
    ["finnhub:latencyMs=500,rateLimitRate=1", "finnhub", { latencyMs: 500, rateLimitRate: 1 }],
    ["open-meteo:errorRate=0.25", "open-meteo", { errorRate: 0.25 }],
    ["postgres:hang", "postgres", { hang: true }],
    ["openai: hang=false , latencyMs=0", "openai", { hang: false, latencyMs: 0 }],
  ])("reads %s", (text, upstream, fault) => {
    expect(parseFault(text, UPSTREAMS)).toEqual({ upstream, fault });
  });

  test.each([
    ["finhub:errorRate=1", 'Unknown upstream "finhub". Upstreams: openai, finnhub, open-meteo, postgres.'],
    ["finnhub", 'Expected <upstream>:<field>=<value>,… such as openai:rateLimitRate=1, got "finnhub".'],
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
  ])("refuses %s and lists what is valid", (text, message) => {
    expect(() => parseFault(text, UPSTREAMS)).toThrow(message);
  });
});

describe("Faults", () => {
  test("goes back to the default for a field that a fault leaves out", () => {
    const faults = new Faults(UPSTREAMS);
    const before = faults.get("finnhub");
    expect(before).toEqual({ latencyMs: 300, errorRate: 0, rateLimitRate: 0, hang: false });
    faults.set("finnhub", { errorRate: 1, latencyMs: 0 });
    expect(faults.set("finnhub", {})).toEqual(before);
  });

  test("draws by rate, rate limits before errors", () => {
    const faults = new Faults(UPSTREAMS);
    const drawn = () => new Set(Array.from({ length: 400 }, () => faults.turn("openai").trouble));
    expect(drawn()).toEqual(new Set([undefined]));
    faults.set("openai", { errorRate: 0.5 });
    expect(drawn()).toEqual(new Set([undefined, 500]));
    faults.set("openai", { errorRate: 1, rateLimitRate: 1 });
    expect(drawn()).toEqual(new Set([429]));
  });

  test("counts requests, and says how each one is answered", () => {
    const faults = new Faults(UPSTREAMS);
    faults.set("finnhub", { hang: true, latencyMs: 7 });
    expect(faults.turn("finnhub")).toEqual({ latencyMs: 7, hang: true, trouble: undefined });
    expect(faults.requests()).toEqual({ openai: 0, finnhub: 1, "open-meteo": 0, postgres: 0 });
    expect(() => faults.turn("finhub")).toThrow('Unknown upstream "finhub"');
  });
});
