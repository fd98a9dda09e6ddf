import { expect, test } from "vitest";
import type { RunEvent } from "../../events/index.ts";
import { GrowingAnswer } from "./growing-answer.ts";

const NOTICE = "\n\n[This was cut off. It begins again:]\n\n";

const usage = { inputTokens: 1, outputTokens: 1 };
const write = (turn: number, text: string, begins = false): RunEvent => ({
  at: 0,
  path: [],
  type: "text",
  turn,
  text,
  ...(begins && { begins }),
});
const end = (turn: number, text: string, calls = 0): RunEvent => ({
  at: 0,
  path: [],
  type: "turn-ended",
  turn,
  text,
  calls,
  finishReason: "stop",
  usage,
});

/** What a reader gets of each event, and at the end. */
function read(events: RunEvent[], answer: unknown): string[] {
  const growing = new GrowingAnswer();
  const pieces = events.map((event) => growing.add(event as Parameters<GrowingAnswer["add"]>[0]));
  return [...pieces, growing.end({ answer })];
}

test("a text that is told while it is written is told once", () => {
  const events = [write(1, "It is ", true), write(1, "sunny"), end(1, "It is sunny."), write(1, "late")];
  expect(read(events, "It is sunny.")).toEqual(["It is ", "sunny", ".", "", ""]);
});

test("turns are paragraphs, also where one says nothing", () => {
  const events = [end(1, "I look.", 1), end(2, "", 1), write(3, "Done", true), end(3, "Done.")];
  expect(read(events, "Done.")).toEqual(["I look.", "", "\n\nDone", ".", ""]);
});

test("a text that does not count any more is followed by a notice and the one that does", () => {
  const events = [write(1, "It is going to", true), write(1, "It will", true), end(1, "It will rain.")];
  expect(read(events, "It will rain.").join("")).toBe(`It is going to${NOTICE}It will rain.`);
});

test("a text of which a piece got lost is followed by all of it", () => {
  const events = [write(1, "It ", true), write(1, "rain"), end(1, "It will rain.")];
  expect(read(events, "It will rain.").join("")).toBe(`It rain${NOTICE}It will rain.`);
});

test("a run whose time was over while it wrote ends with its answer", () => {
  const events = [end(1, "I look.", 1), write(2, "As far as", true)];
  expect(read(events, "I look.").join("")).toBe(`I look.\n\nAs far as${NOTICE}I look.`);
});

test("JSON is told when it is known to count, and the one that had to be repaired is not", () => {
  const events = [
    end(1, "I look.", 1),
    write(2, '{"a":', true),
    end(2, '{"a":"x"}'),
    end(3, '```json\n{"a":1}\n```'),
  ];
  expect(read(events, { a: 1 })).toEqual(["I look.", "", "", "", '\n\n{"a":1}']);
  expect(read([end(1, '{"a":"x"}', 1), end(2, "Done.")], "Done.").join("")).toBe('{"a":"x"}\n\nDone.');
  expect(read([end(1, "[1] is a note.")], "[1] is a note.")).toEqual(["", "[1] is a note."]);
});

test("what agents further down say is not said, nor the end of a turn that comes after the next one's text", () => {
  const further = { ...write(1, "Hidden", true), path: ["c"] };
  const events = [further, write(1, "One.", true), write(2, "Two.", true), end(1, "One.", 1), end(2, "Two.")];
  expect(read(events, "Two.").join("")).toBe("One.\n\nTwo.");
});

test("of a run that nobody has watched, the answer is told", () => {
  expect(read([], "Done.")).toEqual(["Done."]);
  expect(read([], "")).toEqual([""]);
});
