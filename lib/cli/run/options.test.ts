import { expect, test } from "vitest";
import { runOptions } from "./options.ts";

test("a run's options are named as its input names them", () => {
  const flags = { maxTurns: 2, maxToolCalls: 3, maxTokens: 4, maxCostUsd: 0.5, deadline: 60 };
  expect(runOptions({ model: "openai/gpt-5.4", ...flags })).toEqual({
    model: "openai/gpt-5.4",
    limits: { maxTurns: 2, maxToolCalls: 3, maxTokens: 4, maxCostUsd: 0.5, deadline: { seconds: 60 } },
  });
});

test("a run without limits has no options at all, because an agent refuses those it does not know", () => {
  expect(runOptions({})).toStrictEqual({});
  expect(runOptions({ maxTurns: 1 })).toStrictEqual({ limits: { maxTurns: 1 } });
});
