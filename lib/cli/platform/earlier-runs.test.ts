import { expect, test } from "vitest";
import { functionArn } from "../../lambda-host/index.ts";
import { describeRuns } from "./earlier-runs.ts";

const runs = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `inv_${index + 1}`, service: "Agent" }));

test("if no run was left, nothing is said", () => {
  expect(describeRuns({ goOn: [], stuck: [] })).toEqual([]);
});

test("runs that go on are named; if there are many, the oldest", () => {
  expect(describeRuns({ goOn: runs(1), stuck: [] })).toEqual(["A run goes on:", "  inv_1 (Agent)"]);
  expect(describeRuns({ goOn: runs(7), stuck: [] })).toEqual([
    "7 runs go on:",
    ...["  inv_1 (Agent)", "  inv_2 (Agent)", "  inv_3 (Agent)", "  inv_4 (Agent)", "  inv_5 (Agent)"],
    "  … and 2 more",
  ]);
});

test("a run whose version is gone is named, with the version and what to do", () => {
  const [one] = runs(1);
  const stuck = [{ id: "inv_1", service: "Agent", ...one, version: functionArn("fanout-Agent", "3") }];
  expect(describeRuns({ goOn: [], stuck })).toEqual([
    "inv_1 (Agent) began on version 3 of fanout-Agent, which is not there any more. To try the newest: npx fanout redrive --resume inv_1 --on-latest",
  ]);
});
