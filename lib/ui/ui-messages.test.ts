import { convertToModelMessages, validateUIMessages } from "ai";
import { expect, expectTypeOf, test } from "vitest";
import type { History, HistoryOf, PlainMessage } from "../client/index.ts";
import type { RunMessage } from "./run-message.ts";
import { toUIMessages } from "./ui-messages.ts";

/** Two messages: the first one with calls of which one has failed, and a file. */
const said: PlainMessage[] = [
  {
    role: "user",
    text: "What is it?",
    run: "inv_1",
    attachments: [
      { data: "AAAA", mediaType: "image/png", name: "a.png" },
      { url: "https://example.com/b.pdf" },
      { url: "https://example.com/c.JPG?x=.pdf" },
      { url: "https://example.com/d", mediaType: "image/gif" },
    ],
  },
  {
    role: "assistant",
    text: "I look.",
    calls: [
      { id: "a", tool: "get_weather", input: { city: "Oslo" } },
      { id: "b/1", tool: "get_price", input: "{" },
    ],
  },
  {
    role: "tool",
    results: [
      { id: "b/1", tool: "get_price", error: "input: expected an object" },
      { id: "a", tool: "get_weather", output: { celsius: 5 } },
    ],
  },
  { role: "assistant", text: "", calls: [{ id: "a", tool: "get_weather", input: { city: "Rome" } }] },
  { role: "tool", results: [{ id: "a", tool: "get_weather", output: null }] },
  { role: "assistant", text: "Cold.", calls: [] },
  { role: "user", text: "Thanks.", run: "inv_2" },
  { role: "assistant", text: "Welcome." },
];

test("each message is a question, and each run an answer with its turns and its calls", () => {
  const [question, answer, ...rest] = toUIMessages({ messages: said });
  expect(question).toEqual({
    id: "question inv_1",
    role: "user",
    parts: [
      { type: "file", mediaType: "image/png", filename: "a.png", url: "data:image/png;base64,AAAA" },
      { type: "file", mediaType: "application/pdf", url: "https://example.com/b.pdf" },
      { type: "file", mediaType: "image/*", url: "https://example.com/c.JPG?x=.pdf" },
      { type: "file", mediaType: "image/gif", url: "https://example.com/d" },
      { type: "text", text: "What is it?", state: "done" },
    ],
  });
  const step = { type: "step-start" };
  const weather = { type: "tool-get_weather", toolCallId: "a", toolMetadata: { path: [] } };
  expect(answer).toEqual({
    id: "inv_1",
    role: "assistant",
    parts: [
      step,
      { type: "text", text: "I look.", state: "done" },
      { ...weather, state: "output-available", input: { city: "Oslo" }, output: { celsius: 5 } },
      {
        type: "tool-get_price",
        toolCallId: "b%2F1",
        toolMetadata: { path: [] },
        state: "output-error",
        input: "{",
        errorText: "input: expected an object",
      },
      step,
      { ...weather, state: "output-available", input: { city: "Rome" }, output: null },
      step,
      { type: "text", text: "Cold.", state: "done" },
    ],
  });
  expect(rest.map(({ id, role }) => [id, role])).toEqual([
    ["question inv_2", "user"],
    ["inv_2", "assistant"],
  ]);
});

test("the AI SDK takes them, and makes of them what the model was told", async () => {
  const messages = await validateUIMessages<RunMessage>({ messages: toUIMessages({ messages: said }) });
  const told = await convertToModelMessages(messages);
  expect(told.map(({ role }) => role)).toEqual([
    "user",
    "assistant",
    "tool",
    "assistant",
    "tool",
    "assistant",
    "user",
    "assistant",
  ]);
  const results = told.flatMap(({ role, content }) => (role === "tool" ? content : []));
  expect(results).toMatchObject([
    { toolCallId: "a", output: { type: "json", value: { celsius: 5 } } },
    { toolCallId: "b%2F1", output: { type: "error-text", value: "input: expected an object" } },
    { toolCallId: "a", output: { type: "json", value: null } },
  ]);
});

test("a run that ended before its answer leaves its question, and what it has done", () => {
  const messages: PlainMessage[] = [
    { role: "user", text: "One.", run: "inv_1" },
    { role: "user", text: "Two.", run: "inv_2" },
    { role: "assistant", text: "", calls: [{ id: "a", tool: "get_weather", input: {} }] },
    { role: "tool", results: [{ id: "a", tool: "get_weather", error: "It was cancelled." }] },
  ];
  const [first, second, third] = toUIMessages({ messages });
  expect([first?.id, second?.id, third?.id]).toEqual(["question inv_1", "question inv_2", "inv_2"]);
  expect(third?.parts.at(-1)).toMatchObject({ state: "output-error", errorText: "It was cancelled." });
});

test("messages whose runs nobody knows have ids of their own, on every page", () => {
  const messages: PlainMessage[] = [
    { role: "user", text: "Hi." },
    { role: "assistant", text: "Hello." },
    { role: "user", text: "Bye." },
  ];
  const ids = [{ messages }, { messages, older: 0 }].flatMap((page) =>
    toUIMessages(page).map(({ id }) => id),
  );
  expect(new Set(ids).size).toBe(6);
});

test("a history of the client is one that it takes", () => {
  type Taken = Parameters<typeof toUIMessages>[0];
  expectTypeOf<History>().toExtend<Taken>();
  expectTypeOf<HistoryOf<unknown>>().toExtend<Taken>();
  expect(toUIMessages({ messages: [] } satisfies History)).toEqual([]);
});
