import { expect, test } from "vitest";
import type { AgentOutput } from "../../agent/index.ts";
import { screenOf } from "./screen.ts";
import { drawReply, summarise } from "./summary.ts";

type Call = AgentOutput["toolCalls"][number];
const call = (begin: string | null, durationMs: number, rest: Partial<Call> = {}): Call => ({
  id: "a",
  tool: "get_weather",
  input: {},
  status: "ok",
  attempts: 1,
  startedAt: begin && `2026-01-01T00:00:${begin}Z`,
  durationMs,
  truncated: false,
  ...rest,
});
const run = (...toolCalls: Call[]): AgentOutput => ({
  answer: "It rains.",
  finishReason: "stop",
  turns: 2,
  toolCalls,
  usage: { inputTokens: 10, outputTokens: 3, perTurn: [] },
});
const summary = (output: AgentOutput<unknown>, invocations?: Record<string, number>) =>
  summarise(output, { wallMs: 2500, invocations }, screenOf({}));

test("says the answer, what the run took and what it cost", () => {
  expect(
    summary(run(call("00.000", 400), call("00.100", 600)), {
      "fanout-agent": 4,
      "fanout-get_weather": 2,
      idle: 0,
    }),
  ).toBe(
    [
      "Answer",
      "It rains.",
      "",
      "Summary",
      "  finish: stop after 2 model turns",
      "  calls: 2, all ok",
      "  time: 2.50 s in all; the tools worked 0.70 s, one after another it would have been 1.00 s",
      "  Lambda invocations: 6 (fanout-agent 4, fanout-get_weather 2)",
      "  tokens: 10 in, 3 out",
    ].join("\n"),
  );
});

test("counts time in which several calls work once, and time between calls never", () => {
  const separate = summary(run(call("05.000", 500), call("00.000", 1000), call("00.200", 300)));
  expect(separate).toContain("the tools worked 1.50 s, one after another it would have been 1.80 s");
});

test("says which calls failed and why, and leaves out what nobody knows", () => {
  const text = summary(
    run(
      call("00.000", 100),
      call(null, 0, { status: "unknown-tool", error: "Unknown tool." }),
      call(null, 9, { status: "timeout" }),
    ),
  );
  expect(text).toContain("calls: 3, 2 not ok (get_weather: Unknown tool.; get_weather: timeout)");
  expect(text).not.toContain("Lambda");
});

test("says nothing about the time of calls if there were none", () => {
  expect(summary({ ...run(), turns: 1 })).toContain(
    "after 1 model turn\n  calls: 0, all ok\n  time: 2.50 s in all\n",
  );
});

test("on a terminal lines are broken at words; in a file they are as long as they are", () => {
  const answer =
    "- Oslo: it rains, and it will rain until somebody makes it stop.\nhttps://example.com/a/very/long/path";
  const drawn = (columns?: number) =>
    summarise(
      { ...run(call("00.000", 400)), answer },
      { wallMs: 2500, invocations: undefined },
      screenOf(columns ? { isTTY: true, columns } : {}, { NO_COLOR: "1" }),
    );
  expect(drawn(40).split("\n").slice(1, 4)).toEqual([
    "- Oslo: it rains, and it will rain until",
    "  somebody makes it stop.",
    "https://example.com/a/very/long/path",
  ]);
  expect(
    drawn(40)
      .split("\n")
      .every((line) => line.length <= 40),
  ).toBe(true);
  expect(drawn()).toContain(answer);
});

test("an answer of a given shape is shown as indented JSON", () => {
  const answer = { headline: "It rains.", findings: ["12 mm"] };
  expect(summary({ ...run(), answer })).toContain(
    'Answer\n{\n  "headline": "It rains.",\n  "findings": [\n    "12 mm"\n  ]\n}\n\nSummary\n',
  );
});

test("a failure of several lines stays on the line of the calls", () => {
  const failed = call("00.000", 100, { status: "error", error: "No.\n  tokens: 0 in, 0 out" });
  expect(summary(run(failed))).toContain("1 not ok (get_weather: No.\\n  tokens: 0 in, 0 out)\n");
});

test("an answer in a chat comes with one line of what it took", () => {
  expect(drawReply(run(call("00.000", 400)), 2500, screenOf({}))).toEqual([
    "It rains.",
    "  2.50 s, 2 model turns, 1 call, 10 tokens in, 3 out",
  ]);
  expect(drawReply({ ...run(), turns: 1, finishReason: "max-tokens" }, 300, screenOf({})).at(-1)).toBe(
    "  0.30 s, 1 model turn, 10 tokens in, 3 out, finish: max-tokens",
  );
});
