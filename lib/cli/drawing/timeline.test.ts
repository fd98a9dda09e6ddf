import { expect, test } from "vitest";
import type { RunProgress } from "../run/progress.ts";
import { screenOf } from "./screen.ts";
import { describeInput, drawTimeline } from "./timeline.ts";

const plain = { ...screenOf({}), columns: 90 };
const run: RunProgress = {
  startedAt: 1000,
  endedAt: 2000,
  turns: [
    {
      startedAt: 1000,
      repliedAt: 1200,
      asked: 3,
      calls: [
        {
          id: "a",
          tool: "get_weather",
          input: { city: "Tokyo" },
          state: "ok",
          issuedAt: 1200,
          startedAt: 1200,
          endedAt: 1600,
        },
        {
          id: "b",
          tool: "get_weather",
          input: { city: "Oslo" },
          state: "ok",
          issuedAt: 1200,
          startedAt: 1400,
          endedAt: 1800,
        },
        {
          id: "c",
          tool: "a_tool_with_quite_a_long_name",
          input: {},
          state: "failed",
          failure: "No such thing.",
          issuedAt: 1200,
          startedAt: 1200,
          endedAt: 1300,
        },
      ],
    },
    { startedAt: 1800, repliedAt: 2000, asked: 0, calls: [] },
  ],
};

test("bars share the run's time axis; waiting is drawn lighter", () => {
  expect(drawTimeline(run, 0, plain)).toEqual([
    "turn 1: model        ██████························   0.20 s  asked for 3 calls at once",
    '  get_weather        ······████████████············   0.40 s  ok  city="Tokyo"',
    '  get_weather        ······░░░░░░████████████······   0.40 s  ok  city="Oslo"',
    "  a_tool_with_quite… ······███·····················   0.10 s  failed  No such thing.",
    "turn 2: model        ························██████   0.20 s  answered",
  ]);
});

test("an open run is drawn up to now", () => {
  const open: RunProgress = {
    startedAt: 0,
    turns: [{ startedAt: 0, failure: "Busy.", asked: 0, calls: [] }],
  };
  expect(drawTimeline(open, 500, plain)).toEqual([`turn 1: model        ${"█".repeat(30)}   0.50 s  Busy.`]);
  expect(
    drawTimeline({ startedAt: 0, turns: [{ startedAt: 0, asked: 0, calls: [] }] }, 500, plain)[0],
  ).toContain("thinking");
});

test("no line is wider than the terminal", () => {
  for (const columns of [64, 80, 200])
    for (const line of drawTimeline(run, 0, { ...plain, columns }))
      expect(line.length).toBeLessThanOrEqual(columns);
});

test("a model that failed for good is drawn as failed", () => {
  const failed: RunProgress = {
    startedAt: 0,
    endedAt: 9,
    turns: [{ startedAt: 0, repliedAt: 9, failure: "No key.", asked: 0, calls: [] }],
  };
  const { paint } = screenOf({ isTTY: true }, {});
  expect(drawTimeline(failed, 0, { ...plain, paint })[0]).toContain(paint("red", "No key."));
});

test("an input is shown on one line without braces", () => {
  expect(describeInput({ city: "Tokyo", days: 3 })).toBe('city="Tokyo" days=3');
  expect(describeInput(["a"])).toBe('0="a"');
  expect(describeInput(undefined)).toBe("");
});
