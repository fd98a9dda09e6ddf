import { expect, test } from "vitest";
import { scaling } from "../../functions/scaling.ts";
import { checkOverrides, scalingOf } from "./scaling.ts";

const contract = { name: "get_weather", scaling: { memoryMb: 512, maxConcurrency: 20, provisioned: 0 } };

test("the project's own overrides are valid", () => {
  for (const tier of ["dev", "prod"] as const)
    expect(checkOverrides(scaling, { stage: tier, tier }, [])).toEqual({});
});

const PROD = { stage: "prod", tier: "prod" } as const;
const DEV = { stage: "dev", tier: "dev" } as const;

test("a stage has overrides of its own, else those of its tier", () => {
  const overrides = {
    dev: { get_weather: { memoryMb: 256 } },
    prod: { get_weather: { memoryMb: 1024 } },
    "pr-17": {},
  };
  const of = (stage: string, tier: "dev" | "prod") =>
    checkOverrides(overrides, { stage, tier }, ["get_weather"]);
  expect(of("pr-17", "dev")).toEqual({});
  expect(of("staging", "prod")).toEqual(overrides.prod);
  expect(of("constructor", "dev")).toEqual(overrides.dev);
});

test("an override replaces a contract's scaling field by field", () => {
  expect(scalingOf(contract)).toEqual({ ...contract.scaling, switchedOff: false });
  expect(scalingOf(contract, { provisioned: 2, timeoutSeconds: 50 })).toEqual({
    memoryMb: 512,
    maxConcurrency: 20,
    provisioned: 2,
    switchedOff: false,
  });
});

test("a maximum of 0 switches a service off, with nothing reserved and nothing warm", () => {
  const off = { memoryMb: 512, provisioned: 0, switchedOff: true };
  expect(scalingOf(contract, { maxConcurrency: 0, provisioned: 2 })).toEqual(off);
  expect(scalingOf({ ...contract, scaling: { ...contract.scaling, maxConcurrency: 0 } })).toEqual(off);
});

test("more than an account's usual 1000 may be declared", () => {
  const overrides = { dev: {}, prod: { get_weather: { maxConcurrency: 5000, provisioned: 2000 } } };
  expect(checkOverrides(overrides, PROD, ["get_weather"])).toEqual(overrides.prod);
});

test("everything wrong with a stage's overrides is named at once, with the names that exist", () => {
  const prod = { get_wether: {}, get_weather: { memoryMb: 64, provisioned: -1 } };
  expect(() => checkOverrides({ dev: {}, prod }, PROD, ["get_weather", "search_web"])).toThrow(
    /stage prod is wrong:\n {2}get_wether: unknown. There are: get_weather, search_web\n {2}get_weather.memoryMb: .*128\n {2}get_weather.provisioned: .*0/,
  );
  expect(checkOverrides({ dev: {}, prod }, DEV, ["get_weather"])).toEqual({});
});
