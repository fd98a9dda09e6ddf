import { describe, expect, test } from "vitest";
import { check } from "../../runtime/index.ts";
import { fromPlain, type PlainMessage, plainMessages, toPlain } from "./plain.ts";

const user = (text = "Hello.") => ({ role: "user", text });
const asks = (...ids: string[]) => ({
  role: "assistant",
  text: "",
  calls: ids.map((id) => ({ id, tool: "look_up", input: { id } })),
});
const results = (...ids: string[]) => ({
  role: "tool",
  results: ids.map((id) => ({ id, tool: "look_up", output: { id } })),
});
const says = (text = "Hi.") => ({ role: "assistant", text });

test("a conversation comes back as it was handed in", () => {
  const error = { role: "tool", results: [{ id: "c", tool: "look_up", error: "It failed." }] };
  const said = [user(), asks("a", "b"), results("b", "a"), asks("c"), error, says(), user("More.")];
  const { data } = check(plainMessages, said) as { data: PlainMessage[] };
  const empty = { calls: [] };
  expect(toPlain(fromPlain(data))).toEqual([...said.slice(0, 5), { ...says(), ...empty }, user("More.")]);
  // The plain form of a history can be handed in as it is.
  expect(check(plainMessages, toPlain(fromPlain(data))).problem).toBeUndefined();
});

test("what the model is given has the calls in its own form, with their results", () => {
  const { data } = check(plainMessages, [user(), asks("a"), results("a")]) as { data: PlainMessage[] };
  expect(fromPlain(data).slice(1)).toMatchObject([
    {
      reply: {
        message: {
          role: "assistant",
          content: [{ type: "tool-call", toolCallId: "a", toolName: "look_up", input: { id: "a" } }],
        },
      },
    },
    { results: [{ id: "a", tool: "look_up", output: { type: "json", value: { id: "a" } } }] },
  ]);
});

describe("what is no conversation is refused in words", () => {
  test.each([
    ["one that the model begins", [says()], "0: expected the first message to be the user's"],
    ["a call without a result", [user(), asks("a"), user()], "2: expected the results of a"],
    ["a call at the end", [user(), asks("a")], "1: expected the results of a after it"],
    [
      "a result of another call",
      [user(), asks("a"), results("b")],
      "2: expected results of the calls before it (a), they are of b",
    ],
    [
      "a result too many",
      [user(), asks("a"), results("a", "a")],
      "2: expected results of the calls before it (a), they are of a, a",
    ],
    [
      "results of no call",
      [user(), results("a")],
      "1: expected results of the calls before it (none), they are of a",
    ],
    ["two calls with one id", [user(), asks("a", "a"), results("a")], "1: expected calls with different ids"],
    ["a reply without anything", [user(), says("")], "1: expected a text or calls"],
    [
      "a call id that no provider takes",
      [user(), asks("a b"), results("a b")],
      "1.calls.0.id: expected an id",
    ],
    ["too much", [user("x".repeat(1_000_001))], "expected at most 1000000 bytes, there are"],
    ["too many", Array.from({ length: 1_001 }, () => user()), "Too big: expected array to have <=1000 items"],
  ])("%s", (_, messages, problem) => {
    expect(check(plainMessages, messages).problem).toContain(problem);
  });
});
