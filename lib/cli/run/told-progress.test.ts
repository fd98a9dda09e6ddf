import { describe, expect, test } from "vitest";
import type { RunEvent } from "../../events/index.ts";
import { openAsks } from "./call-progress.ts";
import { toldProgress } from "./told-progress.ts";

const usage = { inputTokens: 1, outputTokens: 1 };
const told = (at: number, event: object, path: string[] = []) =>
  ({ at, path, ...event }) as unknown as RunEvent;
const began = [
  told(100, { type: "run-began", agent: "A", model: "m", message: "?" }),
  told(100, { type: "turn-began", turn: 1 }),
  told(200, { type: "turn-ended", turn: 1, text: "", calls: 2, finishReason: "tool-calls", usage }),
  told(200, { type: "call-issued", id: "a", tool: "get_weather", input: { city: "Oslo" } }),
  told(200, { type: "call-issued", id: "b", tool: "get_weather", input: { city: "Rome" } }),
];
const ended = (id: string, rest: object) =>
  told(900, { type: "call-ended", id, tool: "get_weather", attempts: 1, truncated: false, ...rest });
const ok = (id: string) =>
  ended(id, { status: "ok", startedAt: new Date(300).toISOString(), durationMs: 50 });

test("before anything is told, the model is being asked", () => {
  expect(toldProgress([], 70)).toEqual({ startedAt: 70, turns: [{ startedAt: 70, asked: 0, calls: [] }] });
});

test("a call runs from its issue until its end is told, which says when it really ran", () => {
  const { turns, startedAt } = toldProgress([...began, ok("a")], 70);
  expect(startedAt).toBe(100);
  expect(turns).toMatchObject([
    {
      startedAt: 100,
      repliedAt: 200,
      asked: 2,
      calls: [
        { id: "a", state: "ok", issuedAt: 200, startedAt: 300, endedAt: 350, input: { city: "Oslo" } },
        { id: "b", state: "running", issuedAt: 200, startedAt: 200 },
      ],
    },
  ]);
  expect(turns[0]?.calls[1]).not.toHaveProperty("endedAt");
});

test("a call that never began has failed where it was issued, with the reason", () => {
  const refused = ended("b", {
    status: "unknown-tool",
    error: "No such tool.",
    startedAt: null,
    durationMs: 0,
  });
  const { turns } = toldProgress([...began, refused], 70);
  expect(turns[0]?.calls[1]).toMatchObject({ state: "failed", failure: "No such tool.", endedAt: 900 });
});

test("when all its calls are over, the model is asked again", () => {
  const { turns } = toldProgress([...began, ok("a"), ok("b")], 70);
  expect(turns).toMatchObject([{ asked: 2 }, { startedAt: 350, asked: 0, calls: [] }]);
  expect(turns[1]).not.toHaveProperty("repliedAt");
});

test("what the model writes is there until its turn is told; what comes late, or was begun again, does not count", () => {
  const text = (turn: number, written: string, rest: object = {}) =>
    told(400, { type: "text", turn, text: written, ...rest });
  const written = (...events: RunEvent[]) => toldProgress(events, 70).turns.map((turn) => turn.text);
  expect(written(text(1, "It "), text(1, "is"))).toEqual(["It is"]);
  expect(written(text(1, "It "), text(1, "That ", { begins: true }), text(1, "is"))).toEqual(["That is"]);
  expect(written(text(1, "Look"), ...began)).toEqual([undefined]);
  expect(written(...began, ok("a"), ok("b"), text(1, "late"), text(2, "3 °C"))).toEqual([undefined, "3 °C"]);
  const ofAnother = told(400, { type: "text", turn: 2, text: "of another agent" }, ["a"]);
  expect(written(...began, ok("a"), ok("b"), ofAnother)).toEqual([undefined, undefined]);
});

test("a run that fails has failed with its model, and one that answers is over", () => {
  const failed = toldProgress([told(0, { type: "run-failed", code: 502, message: "Busy." })], 70);
  expect(failed).toMatchObject({ startedAt: 70, endedAt: 70, turns: [{ failure: "Busy." }] });
  const cancelled = toldProgress([...began, told(300, { type: "run-cancelled" })], 70);
  expect(cancelled).toMatchObject({ endedAt: 300, turns: [{ asked: 2 }] });
  const answered = [
    told(400, { type: "turn-began", turn: 2 }),
    told(500, { type: "turn-ended", turn: 2, text: "Fine.", calls: 0, finishReason: "stop", usage }),
    told(500, { type: "run-ended", answer: "Fine.", finishReason: "stop", turns: 2, toolCalls: 2, usage }),
  ];
  const done = toldProgress([...began, ok("a"), ok("b"), ...answered], 70);
  expect(done).toMatchObject({ endedAt: 500, turns: [{ asked: 2 }, { repliedAt: 500, asked: 0 }] });
});

test("what sub-agents do is theirs", () => {
  const child = told(250, { type: "turn-began", turn: 1 }, ["a"]);
  expect(toldProgress([...began, child], 70).turns).toHaveLength(1);
});

describe("a call that waits for an approval", () => {
  const asked = (id: string, rest: object, path: string[] = []) =>
    told(
      250,
      { type: "approval-asked", approval: "ap_1", id, part: false, tool: "pay", input: {}, ...rest },
      path,
    );
  const answered = (path: string[] = []) =>
    told(
      400,
      { type: "approval-answered", approval: "ap_1", id: "a", decision: "approved", by: "ann" },
      path,
    );
  const first = (...events: RunEvent[]) => toldProgress([...began, ...events], 70).turns[0]?.calls[0];

  test("waits until it is approved, and runs from then on", () => {
    const waiting = first(asked("a", { expiresAt: 900 }));
    expect(waiting).toMatchObject({
      state: "waiting",
      asks: [{ approval: "ap_1", at: 250, expiresAt: 900 }],
    });
    expect(waiting).not.toHaveProperty("startedAt");
    const running = first(asked("a", { expiresAt: 900 }), answered());
    expect(running).toMatchObject({
      state: "running",
      startedAt: 400,
      asks: [{ answer: { at: 400, decision: "approved", by: "ann" } }],
    });
  });

  test("runs all the while if a part of it waits, or a call of the sub-agent that it is", () => {
    for (const event of [asked("a", { part: true }), asked("x", {}, ["a"]), asked("x", {}, ["a", "b"])])
      expect(first(event)).toMatchObject({ state: "running", startedAt: 200, asks: [{ tool: "pay" }] });
    expect(first(asked("x", {}, ["a"]), answered(["a"]))?.asks).toMatchObject([{ answer: { by: "ann" } }]);
  });

  test("waits for nobody any more when it has ended without an answer", () => {
    const call = first(asked("a", {}), ok("a"));
    expect(call && openAsks(call)).toEqual([]);
  });
});
