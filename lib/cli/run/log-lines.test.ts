import { expect, test } from "vitest";
import type { Service } from "../../operate/index.ts";
import { linesOf, parseLog } from "./log-lines.ts";

const services = [{ name: "get_tide", functionName: "sea-get_tide" }] as Service[];
const line = (name: string, at: number, requestId: string, message: unknown) =>
  `${name} ${JSON.stringify({ timestamp: new Date(at).toISOString(), level: "INFO", requestId, message })}`;
const LOG = [
  line("sea-get_tide", 3000, "r1", { event: "call ended", run: "inv_1" }),
  line("sea-get_tide", 2000, "r1", "what the tool says itself"),
  line("sea-get_tide", 1000, "r2", { event: "call ended", run: "inv_2" }),
  line("sea-helper", 4000, "r3", "of nobody"),
  "sea-get_tide not JSON",
  'sea-get_tide {"no":"line of Lambda\'s"}',
  "",
].join("\n");

test("a run's lines are those that name it, and what the same requests wrote beside them, in order of time", () => {
  const lines = linesOf(parseLog(LOG, services), "inv_1");
  expect(lines.map(({ source, message }) => [source, message])).toEqual([
    ["get_tide", "what the tool says itself"],
    ["get_tide", { event: "call ended", run: "inv_1" }],
  ]);
});

test("a function that is no service keeps its name; what Lambda did not write is left out", () => {
  const lines = parseLog(LOG, services);
  expect(lines.map(({ source }) => source)).toEqual(["get_tide", "get_tide", "get_tide", "sea-helper"]);
});

test("a run that nothing names has no lines", () => {
  expect(linesOf(parseLog(LOG, services), "inv_3")).toEqual([]);
});
