import { expect, test } from "vitest";
import { Account } from "./account.ts";
import type { Limits } from "./definition.ts";
import type { TimedReply } from "./models/request.ts";

const limits = (seconds?: number): Limits => ({
  maxTurns: 10,
  maxToolCalls: 10,
  ...(seconds !== undefined && { deadline: { seconds } }),
});
const replied = (startedAt: number, endedAt: number) =>
  ({
    text: "",
    calls: [],
    usage: { inputTokens: 1, outputTokens: 1 },
    startedAt,
    endedAt,
  }) as unknown as TimedReply;

test("F11: a model request must end at the deadline, which counts from the first one", () => {
  const account = new Account(limits(60), "openai/gpt-5.4");
  expect(account.replyDueAt(1_000_000)).toBe(1_060_000);
  account.addReply(replied(1_000_000, 1_010_000));
  expect(account.replyDueAt(1_020_000)).toBe(1_060_000);
});

test("F11: the last turn, which begins after the deadline, has a while of its own", () => {
  const account = new Account(limits(60), "openai/gpt-5.4");
  account.addReply(replied(1_000_000, 1_010_000));
  account.addResults([], 1_060_000);
  expect(account.limitReached).toBe("deadline");
  expect(account.replyDueAt(1_061_000)).toBe(1_080_000);
});

test("without a deadline a model request may take what the provider is given at most", () => {
  expect(new Account(limits(), "openai/gpt-5.4").replyDueAt(1)).toBe(Number.POSITIVE_INFINITY);
});
