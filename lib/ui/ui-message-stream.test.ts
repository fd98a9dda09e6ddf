import { createUIMessageStreamResponse, DefaultChatTransport } from "ai";
import { expect, test } from "vitest";
import {
  answered,
  asked,
  began,
  childBegan,
  collect,
  ended,
  events,
  failed,
  issued,
  notMade,
  ok,
  partAsked,
  type Told,
  turn,
  usage,
} from "../../test/support/run-events.ts";
import { last, states } from "../../test/support/ui-message.ts";
import type { RunEvent } from "../events/index.ts";
import type { RunMessage } from "./run-message.ts";
import { toUIMessageStream } from "./ui-message-stream.ts";

const chunks = (...list: Told[]) => collect(toUIMessageStream(events(...list)));

test("calls of a turn are parts beside each other, and end in any order", async () => {
  const run = [
    began,
    ...turn(1, "", 2),
    issued("a"),
    issued("b"),
    failed("b"),
    ok("a"),
    ...turn(2, "Done."),
    ended("Done."),
  ];
  const { states: all, errors } = await states(...run);
  const progress = all.map(({ parts }) =>
    parts.flatMap((part) => ("toolCallId" in part ? `${part.toolCallId} ${part.state}` : [])).join(", "),
  );
  expect(progress).toEqual(
    expect.arrayContaining([
      "a input-available, b input-available",
      "a input-available, b output-error",
      "a output-available, b output-error",
    ]),
  );
  expect(errors).toEqual([]);
  expect(all.at(-1)).toMatchObject({
    id: "inv_1",
    role: "assistant",
    metadata: {
      agent: "TestAgent",
      model: "openai/scripted",
      finishReason: "stop",
      turns: 2,
      toolCalls: 2,
      usage,
    },
    parts: [
      { type: "step-start" },
      {
        type: "tool-gate",
        toolCallId: "a",
        input: { id: "a" },
        output: { told: "a" },
        toolMetadata: { path: [], status: "ok", durationMs: 7 },
      },
      { type: "tool-gate", toolCallId: "b", errorText: "No such thing.", toolMetadata: { status: "error" } },
      { type: "step-start" },
      { type: "text", text: "Done.", state: "done" },
    ],
  });
});

test("what the last word about a call says, counts", async () => {
  const timeout: Told = { ...failed("a"), status: "timeout", error: "It took too long." } as Told;
  const { parts } = await last(began, ...turn(1, "", 1), issued("a"), ok("a"), timeout);
  expect(parts?.[1]).toMatchObject({ state: "output-error", errorText: "It took too long." });
});

const text = (piece: string, number = 1, begins?: true): Told => ({
  ...{ type: "text", turn: number, text: piece, ...(begins && { begins }) },
});
const texts = (parts: RunMessage["parts"] = []) =>
  parts.flatMap((part) => (part.type === "text" ? part.text : []));

test("text is shown while it is written, before the news of its turn", async () => {
  const { states: all } = await states(
    text("It is ", 1, true),
    text("sun"),
    began,
    ...turn(1, "It is sunny."),
    ended("It is sunny."),
  );
  const shown = new Set(all.map(({ parts }) => texts(parts).join()));
  expect([...shown]).toEqual(["", "It is ", "It is sun", "It is sunny."]);
});

test.each([
  ["a request that is made again begins anew", [text("It was", 1, true), text("It is ", 1, true)]],
  ["a piece that got lost is made up for", [text("It ", 1, true), text("unny.")]],
  ["a piece that comes late is not repeated", [text("It is ", 1, true)], [text("sunny.")]],
])("%s", async (_, before, late: Told[] = []) => {
  const { parts, errors } = await last(...before, began, ...turn(1, "It is sunny."), ...late, ended(""));
  expect(texts(parts)).toEqual(["It is sunny."]);
  expect(parts?.filter(({ type }) => type === "step-start")).toHaveLength(1);
  expect(errors).toEqual([]);
});

test("a new attempt's text does not touch the turns before", async () => {
  const { parts } = await last(
    ...[began, ...turn(1, "Let me look.", 1), issued("a"), ok("a")],
    ...[text("It w", 2, true), text("It is", 2, true), ...turn(2, "It is."), ended("It is.")],
  );
  expect(texts(parts)).toEqual(["Let me look.", "It is."]);
  expect(parts?.[2]).toMatchObject({ toolCallId: "a", state: "output-available" });
});

test("a sub-agent's calls are parts of their own, with its place in their ids; its text and its turns are not", async () => {
  const { parts, metadata, errors } = await last(
    ...[began, ...turn(1, "", 2), issued("x"), issued("y")],
    ...["x", "y"].flatMap((place): Told[] => [
      childBegan([place]),
      ...turn(1, "I look.", 1).map((event) => ({ ...event, path: [place] })),
      issued("g", [place]),
      ok("g", [place]),
      ended("Found.", "stop", [place]),
      ok(place),
    ]),
    ...[...turn(2, "Both."), ended("Both.")],
  );
  const calls = parts?.flatMap((part) => ("toolCallId" in part ? [[part.toolCallId, part.state]] : []));
  expect(calls).toEqual(["x", "y", "x/g", "y/g"].map((id) => [id, "output-available"]));
  expect(parts?.[3]).toMatchObject({ toolMetadata: { path: ["x"] } });
  expect(texts(parts)).toEqual(["Both."]);
  expect(metadata).toMatchObject({ agent: "TestAgent" });
  expect(errors).toEqual([]);
});

test("ids with slashes are not taken for each other", async () => {
  const all = await chunks(issued("a/b"), issued("b", ["a"]), issued("c", ["a/b"]), issued("c", ["a", "b"]));
  const ids = all.flatMap((chunk) => (chunk.type === "tool-input-available" ? chunk.toolCallId : []));
  expect(new Set(ids).size).toBe(4);
});

test("calls of a sub-agent that ends before them do not stay open", async () => {
  const { parts } = await last(
    ...[began, ...turn(1, "", 1), issued("x"), issued("g", ["x"]), issued("h", ["x", "g"]), failed("x")],
    ended("Sorry."),
  );
  expect(parts?.slice(1)).toMatchObject([
    { toolCallId: "x", errorText: "No such thing." },
    { toolCallId: "x/g", errorText: "Its agent ended before it." },
    { toolCallId: "x/g/h", errorText: "Its agent ended before it." },
  ]);
});

const cut = [began, ...turn(1, "", 2), issued("a"), issued("b"), ok("a")];

test("a run that fails is an error of the chat, and leaves no call open", async () => {
  const { parts, metadata, errors } = await last(
    ...cut,
    ...[{ type: "run-failed", code: 502, message: "No answer." } as const],
  );
  expect(errors).toEqual(["No answer."]);
  expect(metadata).toMatchObject({ finishReason: "failed", error: "No answer." });
  expect(parts?.slice(1)).toMatchObject([{ state: "output-available" }, { state: "output-error" }]);
});

test("a run that is cancelled is aborted, which is no error", async () => {
  const run = [...cut, { type: "run-cancelled" } as const];
  expect((await chunks(...run)).at(-1)).toEqual({ type: "abort", reason: "cancelled" });
  const { parts, metadata, errors } = await last(...run);
  expect(errors).toEqual([]);
  expect(metadata).toMatchObject({ finishReason: "cancelled" });
  expect(parts?.[2]).toMatchObject({ state: "output-error", errorText: "It was cancelled." });
});

test("text that a run's end cuts off is done", async () => {
  const { parts } = await last(text("It is ", 1, true), { type: "run-cancelled" });
  expect(parts?.[1]).toMatchObject({ text: "It is ", state: "done" });
});

test("a run that is killed ends without a word, and the chat says so", async () => {
  const { parts, errors } = await last(...cut);
  expect(errors).toEqual(["The run was ended before it had an answer."]);
  expect(parts?.[2]).toMatchObject({ state: "output-error" });
});

test.each([
  ["stop", "stop"],
  ["length", "length"],
  ["max-turns", "other"],
])("the finish reason %j is the AI SDK's %j", async (own, finishReason) => {
  const limit: Told = { type: "limit-reached", limit: own };
  const all = await chunks(began, limit, ...turn(1, "A."), ended("A.", own));
  expect(all.at(-1)).toMatchObject({
    type: "finish",
    finishReason,
  });
  expect(all).toContainEqual({
    type: "message-metadata",
    messageMetadata: expect.objectContaining({ finishReason: own }),
  });
  expect(all).toContainEqual({ type: "message-metadata", messageMetadata: { limit: own } });
});

test("an answer that has a shape is in the metadata", async () => {
  const { metadata } = await last(began, ...turn(1, '{"city":"Tokyo"}'), ended({ city: "Tokyo" }));
  expect(metadata?.answer).toEqual({ city: "Tokyo" });
});

test("an end without its output, as `turns` tells it, is an output nevertheless", async () => {
  const { parts } = await last(began, ...turn(1, "", 1), issued("a"), {
    ...ok("a"),
    output: undefined,
  } as Told);
  expect(parts?.[1]).toMatchObject({ state: "output-available", output: null });
});

test("the message begins at once, before the run tells anything", async () => {
  const never = new ReadableStream<RunEvent>();
  const reader = toUIMessageStream(never, { messageId: "inv_1" }).getReader();
  expect(await reader.read()).toEqual({ done: false, value: { type: "start", messageId: "inv_1" } });
});

test("who leaves ends the reading of the events", async () => {
  const left = Promise.withResolvers<void>();
  async function* endless(): AsyncGenerator<RunEvent> {
    try {
      for (let number = 1; ; number++) yield* events(text("more ", number));
    } finally {
      left.resolve();
    }
  }
  const reader = toUIMessageStream(endless()).getReader();
  await reader.read();
  await reader.read();
  await reader.cancel();
  await left.promise;
});

/** Makes the part of the transport that reads a response callable. */
class Transport extends DefaultChatTransport<RunMessage> {
  override processResponseStream(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    return super.processResponseStream(stream);
  }
}

test("every chunk passes the AI SDK's own schema on its way to the page", async () => {
  const all = [
    ...[text("I l", 1, true), text("I look.", 1, true), began, ...turn(1, "I look.", 2)],
    ...[
      issued("a"),
      issued("b"),
      ok("a"),
      failed("b"),
      issued("c", ["a"]),
      { type: "limit-reached", limit: "x" },
    ],
    ...[issued("d"), asked("d"), answered("d", { decision: "denied", input: {} }), notMade("d", "denied")],
    ...[issued("e"), partAsked("e", "ap_1", 1), answered("e", { decision: "approved" }, "ap_1")],
    ...turn(2, "Done."),
    ended({ x: 1 }, "max-turns"),
  ] as Told[];
  const { body } = createUIMessageStreamResponse({ stream: toUIMessageStream(events(...all)) });
  const arrived = new Transport().processResponseStream(body as ReadableStream<Uint8Array<ArrayBuffer>>);
  expect(await collect(arrived)).toEqual(JSON.parse(JSON.stringify(await chunks(...all))));
});
