import { expect, test } from "vitest";
import type { CallResult } from "../call/index.ts";
import { Budget } from "./budget.ts";
import type { Limits } from "./limits.ts";
import type { TimedReply } from "./models/request.ts";
import { refused } from "./results.ts";

const MEBIBYTE = 1_048_576;
const START = 1_700_000_000_000;

const budget = (limits: Partial<Limits> = {}, model = "openai/gpt-5.4-mini") =>
  new Budget({ maxTurns: 10, maxToolCalls: 100, ...limits }, model);
const reply = (parts: Partial<TimedReply> = {}): TimedReply => ({
  text: "",
  calls: [],
  usage: { inputTokens: 0, outputTokens: 0 },
  finishReason: "tool-calls",
  message: null,
  startedAt: START,
  endedAt: START,
  ...parts,
});
const call = (id: string, input: unknown = { id }) => ({ id, tool: "gate", input });
const ok = (id: string, output: unknown): CallResult => ({
  ...call(id),
  status: "ok",
  output,
  attempts: 1,
  startedAt: null,
  durationMs: 0,
  truncated: false,
});
const invalid = (id: string, input: unknown) =>
  refused(call(id, input), "invalid-input", "id: expected text");

test("F11: a run within all its limits has reached none", () => {
  const run = budget({ maxTokens: 10, maxCostUsd: 1, deadline: { seconds: 60 } });
  run.addReply(reply({ usage: { inputTokens: 5, outputTokens: 4 } }));
  run.addResults([ok("a", "x")], START + 59_999);
  expect(run.limitReached).toBeUndefined();
});

test("F11: the turn that comes next is the last one when maxTurns says so", () => {
  const run = budget({ maxTurns: 2 });
  expect(run.limitReached).toBeUndefined();
  run.addReply(reply());
  expect(run.limitReached).toBe("max-turns");
  expect(budget({ maxTurns: 1 }).limitReached).toBe("max-turns");
});

test("F11: calls are counted whatever came of them, up to maxToolCalls", () => {
  const run = budget({ maxToolCalls: 2 });
  run.addResults([ok("a", "x")], START);
  expect(run).toMatchObject({ callsLeft: 1, limitReached: undefined });
  run.addResults([invalid("b", 1), invalid("c", 2)], START);
  expect(run).toMatchObject({ callsLeft: 0, limitReached: "max-tool-calls" });
});

test("F11: tokens in and out are counted together, up to maxTokens", () => {
  const run = budget({ maxTokens: 10 });
  run.addReply(reply({ usage: { inputTokens: 6, outputTokens: 3 } }));
  expect(run.limitReached).toBeUndefined();
  run.addReply(reply({ usage: { inputTokens: 0, outputTokens: 1 } }));
  expect(run.limitReached).toBe("max-tokens");
});

test("F11: a sub-agent's usage counts as the run's own", () => {
  const usage = { inputTokens: 1_000_000, outputTokens: 0, costUsd: 0.75 };
  const tokens = budget({ maxTokens: 1_000_000 });
  tokens.addResults([{ ...ok("a", "x"), usage }], START);
  expect(tokens.limitReached).toBe("max-tokens");
  const cost = budget({ maxCostUsd: 0.75 });
  cost.addResults([{ ...ok("a", "x"), usage }], START);
  expect(cost.limitReached).toBe("max-cost");
});

test("F11: the deadline counts from the first request, by the times in the journal", () => {
  const run = budget({ deadline: { seconds: 60 } });
  run.addReply(reply({ endedAt: START + 1000 }));
  expect(run.deadlineAt).toBe(START + 60_000);
  run.addReply(reply({ startedAt: START + 50_000, endedAt: START + 60_000 }));
  expect(run.limitReached).toBe("deadline");
});

test("F11: the same call refused three times for its input ends the run, different ones do not", () => {
  const run = budget();
  run.addResults([invalid("a", { x: 1, y: 2 }), invalid("b", { y: 2, x: 1 }), invalid("c", { x: 3 })], START);
  expect(run.limitReached).toBeUndefined();
  run.addResults([invalid("d", { x: 1, y: 2 })], START);
  expect(run.limitReached).toBe("repeated-invalid-input");
});

test("F9: replies, inputs and results that fill what Lambda can take end the run", () => {
  for (const fill of [
    (run: Budget, text: string) => run.addReply(reply({ text })),
    (run: Budget, text: string) => run.addResults([ok("a", text)], START),
    (run: Budget, text: string) => run.addResults([invalid("a", text)], START),
  ]) {
    const run = budget();
    fill(run, "x".repeat(3 * MEBIBYTE));
    expect(run.limitReached).toBeUndefined();
    fill(run, "x".repeat(MEBIBYTE));
    expect(run.limitReached).toBe("max-bytes");
    // The journal travels in base64, which makes four bytes of three; Lambda takes 6 MB.
    expect((run.bytesPerResult(1) * 4) / 3).toBeLessThan(6_000_000);
  }
});

test("F9: one turn's results do not take all that the journal has left: the next turn has results too", () => {
  const run = budget({ maxToolCalls: 1000 });
  for (let turn = 0; turn < 3; turn++) {
    const each = run.bytesPerResult(50);
    expect(each).toBeGreaterThan(2000);
    run.addResults(
      Array.from({ length: 50 }, (_, index) => ok(`${turn}-${index}`, "x".repeat(each - 2))),
      START,
    );
    expect(run.limitReached).toBeUndefined();
  }
});

test("F9: the results of a turn share what the journal has left, and a number or a sentence always fits", () => {
  const run = budget();
  const first = run.bytesPerResult(10);
  expect((10 * first * 4) / 3).toBeLessThan(6_000_000);
  expect(run.bytesPerResult(20)).toBe(Math.floor(first / 2));
  run.addReply(reply({ text: "x".repeat(MEBIBYTE) }));
  expect(run.bytesPerResult(10)).toBeLessThan(first - (MEBIBYTE * 0.75) / 10);
  run.addReply(reply({ text: "x".repeat(3 * MEBIBYTE) }));
  expect(run.bytesPerResult(10)).toBe(512);
});

test("F11: what a sub-agent may use is what the run has left, and never nothing at all", () => {
  const run = budget({ maxTokens: 1000, maxCostUsd: 1, deadline: { seconds: 60 } });
  run.addReply(reply({ usage: { inputTokens: 400, outputTokens: 100 }, endedAt: START + 20_000 }));
  expect(run.limitsLeft).toEqual({ maxTokens: 500, maxCostUsd: 0.99925, deadline: { seconds: 40 } });
  run.addReply(reply({ usage: { inputTokens: 2_000_000, outputTokens: 0 }, endedAt: START + 90_000 }));
  expect(run.limitsLeft).toEqual({ maxTokens: 1, maxCostUsd: 0.000001, deadline: { seconds: 0.001 } });
  expect(budget().limitsLeft).toEqual({});
});

test("F11: a model request must end at the deadline, which counts from the first one", () => {
  const run = budget({ deadline: { seconds: 60 } });
  expect(run.replyDueAt(START)).toBe(START + 60_000);
  run.addReply(reply({ endedAt: START + 10_000 }));
  expect(run.replyDueAt(START + 20_000)).toBe(START + 60_000);
});

test("F11: the last turn, which begins after the deadline, has a while of its own", () => {
  const run = budget({ deadline: { seconds: 60 } });
  run.addReply(reply({ endedAt: START + 10_000 }));
  run.addResults([], START + 60_000);
  expect(run.limitReached).toBe("deadline");
  expect(run.replyDueAt(START + 61_000)).toBe(START + 80_000);
});

test("without a deadline a model request may take what the provider is given at most", () => {
  expect(budget().replyDueAt(1)).toBe(Number.POSITIVE_INFINITY);
});

test("a reply costs what the model that gave it costs, which the account of the turns names", () => {
  const run = budget();
  const usage = { inputTokens: 1_000_000, outputTokens: 0 };
  run.addReply(reply({ usage }));
  run.addReply(reply({ usage, model: "anthropic/claude-haiku-4-5" }));
  expect(run.usagePerTurn).toEqual([
    { ...usage, costUsd: 0.75 },
    { ...usage, costUsd: 1, model: "anthropic/claude-haiku-4-5" },
  ]);
  expect(run.usage).toEqual({ inputTokens: 2_000_000, outputTokens: 0, costUsd: 1.75 });
  run.addReply(reply({ usage, model: "openai/qwen3" }));
  expect(run.usage).toEqual({ inputTokens: 3_000_000, outputTokens: 0 });
});

test("input that comes from the provider's cache, or goes there, costs what the table says", () => {
  const usage = {
    inputTokens: 3_000_000,
    outputTokens: 1_000_000,
    cacheReadTokens: 1_000_000,
    cacheWriteTokens: 1_000_000,
  };
  const claude = budget({}, "anthropic/claude-sonnet-4-6");
  claude.addReply(reply({ usage }));
  expect(claude.usage).toEqual({ ...usage, costUsd: 3 + 0.3 + 3.75 + 15 });
  // OpenAI asks nothing for writing.
  const mini = budget({}, "openai/gpt-5.4-mini");
  mini.addReply(reply({ usage }));
  expect(mini.usage.costUsd).toBe(0.75 * 2 + 0.075 + 4.5);
});
