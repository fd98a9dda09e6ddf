import { describe, expect, test } from "vitest";
import type { AgentOutput } from "../../agent/index.ts";
import { screenOf } from "../drawing/screen.ts";
import type { Kill } from "./kills.ts";
import { judge } from "./report.ts";
import type { Stage } from "./stage.ts";

const kill = (what: string, finished: Record<string, number>): Kill => ({
  what,
  pid: 7,
  doing: "at work",
  at: 0,
  finished: new Map(Object.entries(finished)),
});
const KILLS = [
  kill("a tool", { tides: 1 }),
  kill("the agent", { tides: 1 }),
  kill("the server", { tides: 1 }),
];
const call = { status: "ok" } as AgentOutput["toolCalls"][number];
const ENDED = { answer: "Sent.", toolCalls: [call, call, call, call, call] } as unknown as AgentOutput;

/** What is found when the archive was asked, and the mailbox got notes, that often. */
function found({
  asked = { tides: 1 },
  deliveries = [1],
  kills = KILLS,
  output = ENDED,
}: {
  asked?: Record<string, number>;
  deliveries?: number[];
  kills?: Kill[];
  output?: AgentOutput;
}) {
  const stage = {
    archive: { asked: (topic: string) => asked[topic] ?? 2 },
    mailbox: { deliveries: () => deliveries },
    lambda: { stats: () => ({ functions: {} }) },
  } as unknown as Stage;
  const { ok, lines } = judge(stage, kills, output, screenOf({}));
  return { ok, wrong: lines.filter((line) => line.includes("✗")) };
}

test("a run passes if it ends, with each finished call and the write done once", () => {
  expect(found({})).toEqual({ ok: true, wrong: [] });
});

describe("it does not pass when", () => {
  test.each([
    ["a finished call ran again", { asked: { tides: 2 } }, /finished calls ran again: tides/],
    [
      "no call had finished, so that nothing is shown",
      { kills: [kill("", {}), kill("", {}), kill("", {})] },
      /call/,
    ],
    ["the write did not arrive", { deliveries: [] }, /0 notes in the mailbox/],
    ["the write arrived twice", { deliveries: [2] }, /delivered 2 times/],
    ["another write arrived", { deliveries: [1, 1] }, /2 notes in the mailbox/],
    ["fewer processes were killed", { kills: KILLS.slice(1) }, /2 processes were killed/],
    ["a call failed", { output: { ...ENDED, toolCalls: [call] } }, /1 of 5 calls ok/],
  ])("%s", (_, what, words) => {
    expect(found(what)).toEqual({ ok: false, wrong: [expect.stringMatching(words)] });
  });
});
