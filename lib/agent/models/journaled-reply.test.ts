import { expect, test } from "vitest";
import { callsAskedFor, turnSerde } from "./journaled-reply.ts";
import type { TimedReply } from "./request.ts";

const reply = {
  text: "Let me look. One moment.",
  calls: [{ id: "c1", tool: "look", input: { at: "it" } }],
  usage: { inputTokens: 1, outputTokens: 2 },
  finishReason: "tool-calls",
  message: {
    role: "assistant",
    content: [
      { type: "reasoning", text: "Hm." },
      { type: "text", text: "Let me look. " },
      { type: "text", text: "One moment." },
      { type: "tool-call", toolCallId: "c1", toolName: "look", input: { at: "it" } },
    ],
  },
  startedAt: 1,
  endedAt: 2,
} satisfies TimedReply;
const journaled = (value: Parameters<typeof turnSerde.serialize>[0]) =>
  new TextDecoder().decode(turnSerde.serialize(value));
const readBack = (value: Parameters<typeof turnSerde.serialize>[0]) =>
  turnSerde.deserialize(turnSerde.serialize(value));

test("what stands in the provider's message is journaled once, and comes back", () => {
  expect(journaled(reply).match(/look/g)).toHaveLength(2);
  expect(JSON.parse(journaled(reply))).not.toHaveProperty("calls");
  expect(readBack(reply)).toEqual(reply);
});

test("a message that is nothing but the text and the calls is not journaled", () => {
  const content = reply.message.content.filter(({ type }) => type === "tool-call");
  const plain = {
    ...reply,
    text: "Hm.",
    message: { role: "assistant", content: [{ type: "text", text: "Hm." }, ...content] },
  };
  expect(JSON.parse(journaled(plain))).not.toHaveProperty("message");
  expect(readBack(plain)).toEqual(plain);
  const onlyCalls = { ...plain, text: "", message: { role: "assistant", content } };
  expect(readBack(onlyCalls)).toEqual(onlyCalls);
  expect(callsAskedFor(turnSerde.serialize(plain))).toBe(1);
});

test.each([
  ["a call that was changed since", { ...reply, calls: [{ id: "c1", tool: "look", input: '{"at":"i' }] }],
  ["a text that was changed since", { ...reply, text: "Let me look." }],
  ["a reply without a message", { ...reply, message: null }],
  ["an empty reply", { ...reply, calls: [], text: "", message: null }],
])("%s comes back as it is", (_what, value) => {
  expect(readBack(value)).toEqual(value);
});

test("that time was over comes back as it is", () => {
  const over = { outOfTime: true, startedAt: 1, endedAt: 2 } as const;
  expect(readBack(over)).toEqual(over);
});

test.each([
  ["a reply", reply, 1],
  ["a reply whose call was changed since", { ...reply, calls: [{ id: "c1", tool: "look", input: "{" }] }, 1],
  ["that time was over", { outOfTime: true, startedAt: 1, endedAt: 2 } as const, 0],
])("how many calls there are is read from the journal of %s", (_what, value, count) => {
  expect(callsAskedFor(turnSerde.serialize(value))).toBe(count);
});

test("how many calls there are is read from the journal of another SDK's loop", () => {
  expect(callsAskedFor(new TextEncoder().encode(JSON.stringify({ asked: 3, reply: {} })))).toBe(3);
});

test.each(["", '"text"', "null", "[1]", '{"calls":[]}'])(
  "a step of somebody else's, %j, asks for none",
  (json) => {
    expect(callsAskedFor(new TextEncoder().encode(json))).toBe(0);
  },
);
