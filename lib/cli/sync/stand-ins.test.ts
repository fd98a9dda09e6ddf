import { Hono } from "hono";
import { expect, test } from "vitest";
import * as z from "zod";
import { defineStandIn } from "../../sandbox/index.ts";
import { defineTool } from "../../tool/index.ts";
import { problemOf } from "./stand-ins.ts";

const toolCalled = (name: string, more: object = {}) =>
  defineTool({
    name,
    description: "Does it.",
    input: z.object({ port: z.string() }),
    output: z.object({}),
    ...more,
  });
const tide = toolCalled("get_tide", { env: { TIDE_URL: "https://tides.example" }, secrets: ["TIDE_KEY"] });
const ports = toolCalled("list_ports", { env: { PORTS_URL: "https://ports.example" } });
const replacing = (...settings: string[]) =>
  defineStandIn({
    provider: "tides",
    env: (url) => Object.fromEntries(settings.map((setting) => [setting, url])),
    app: new Hono(),
  });
const finding = (input: Record<string, unknown>) =>
  defineStandIn({
    words: { example: "tide", find: () => [{ at: 0, length: 4, input }], say: () => undefined },
  });
const problem = (standIn: ReturnType<typeof defineStandIn>) => problemOf(standIn, tide, [tide, ports]);

test("what a stand-in replaces is declared by its tool, or by another one of the same provider", () => {
  expect(problem(replacing("TIDE_URL", "TIDE_KEY", "PORTS_URL"))).toBeUndefined();
  expect(problem(replacing("TIDE_URL", "TIDES_KEY"))).toBe(
    'env: expected settings and secrets that a tool declares, got "TIDES_KEY". Declared by get_tide: TIDE_URL, TIDE_KEY.',
  );
});

test("a server's settings are known only when it runs", () => {
  const start = async () => ({ env: { NOBODYS: "" }, stop: async () => {} });
  expect(problem(defineStandIn({ provider: "tides", start }))).toBeUndefined();
});

test("the calls found in the example have to fit the contract", () => {
  expect(problem(finding({ port: "Oslo" }))).toBeUndefined();
  expect(problem(finding({ place: "Oslo" }))).toBe(
    "words: a call found in the example does not fit the contract: port: expected string, got nothing.",
  );
});
