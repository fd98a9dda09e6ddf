import { describe, expect, test } from "vitest";
import { readChatRequest } from "./chat-request.ts";

const go = { role: "user", content: "Go." };
const read = (body: object) =>
  readChatRequest(JSON.stringify({ model: "TestAgent", messages: [go], ...body }));
const call = { id: "c1", type: "function", function: { name: "gate", arguments: '{"id":"a"}' } };
const image = (url: string) => [
  { type: "text", text: "Look:" },
  { type: "image_url", image_url: { url, detail: "low" } },
];

test("options are a run's, and what asks for nothing else is let through", () => {
  const neutral = {
    ...{
      n: 1,
      tools: [],
      tool_choice: "auto",
      stop: null,
      response_format: { type: "text" },
      logprobs: false,
    },
    ...{ temperature: 0.2, top_p: 1, seed: 7, user: "u", metadata: { a: "b" }, store: false, logit_bias: {} },
  };
  const asked = { stream: true, stream_options: { include_usage: true }, max_tokens: 5 };
  expect(read({ ...neutral, ...asked, parallel_tool_calls: false })).toEqual({
    model: "TestAgent",
    input: { message: "Go.", maxOutputTokens: 5, parallelToolCalls: false },
    stream: true,
    includeUsage: true,
  });
  expect(read({ max_tokens: 5, max_completion_tokens: 6, parallel_tool_calls: true })).toMatchObject({
    input: { message: "Go.", maxOutputTokens: 6 },
    stream: false,
    includeUsage: false,
  });
});

test.each([
  ["n", 2, "expected 1: a run has one answer, got 2"],
  ["tools", [{ type: "function" }], "an agent has its own tools"],
  ["tool_choice", "required", "an agent has its own tools"],
  ["functions", [{}], "an agent has its own tools"],
  ["response_format", { type: "json_object" }, "agent's own"],
  ["stop", ["\n"], "expected none"],
  ["logprobs", true, "expected false"],
  ["modalities", ["text", "audio"], 'expected ["text"]'],
  ["audio", { voice: "x" }, "answer with text"],
  ["web_search_options", {}, "an agent has its own tools"],
  ["max_tokens", 0, "max_tokens"],
  ["wings", 2, "wings"],
])("%s, which would be another answer, is refused by its name", (param, value, words) => {
  expect(read({ [param]: value })).toEqual({ problem: expect.stringContaining(words), param });
});

test("a body that is no JSON is refused", () => {
  expect(readChatRequest("{")).toEqual({ problem: "Expected a body of JSON." });
});

describe("messages", () => {
  const input = (...messages: object[]) => {
    const request = read({ messages });
    return "problem" in request ? request : request.input;
  };

  test("what the application says is told with the user's next words", () => {
    expect(
      input(
        { role: "system", content: "Be brief." },
        { role: "developer", content: [{ type: "text", text: "Be kind." }] },
        go,
        { role: "assistant", content: "Gone." },
        { role: "system", content: "Be quick." },
        { role: "user", content: "Again." },
      ),
    ).toEqual({
      message: "Be quick.\n\nAgain.",
      messages: [
        { role: "user", text: "Be brief.\n\nBe kind.\n\nGo." },
        { role: "assistant", text: "Gone." },
      ],
    });
  });

  test("results that follow each other belong to the same reply", () => {
    const calls = [call, { ...call, id: "c2" }];
    const results = [
      { role: "tool", tool_call_id: "c2", content: "in words" },
      { role: "tool", tool_call_id: "c1", content: [{ type: "text", text: '{"b":1}' }] },
    ];
    expect(input(go, { role: "assistant", content: null, tool_calls: calls }, ...results, go)).toMatchObject({
      messages: [
        { role: "user" },
        {
          role: "assistant",
          text: "",
          calls: [
            { id: "c1", tool: "gate", input: { id: "a" } },
            { id: "c2", tool: "gate", input: { id: "a" } },
          ],
        },
        {
          role: "tool",
          results: [
            { id: "c2", tool: "gate", output: "in words" },
            { id: "c1", tool: "gate", output: { b: 1 } },
          ],
        },
      ],
    });
  });

  test.each([
    ["https://x.test/a.png", { url: "https://x.test/a.png", mediaType: "image/png" }],
    ["https://x.test/a?b=c.WEBP#d", { url: "https://x.test/a?b=c.WEBP#d", mediaType: "image/webp" }],
    ["https://x.test/a", { url: "https://x.test/a", mediaType: "image/jpeg" }],
    ["data:image/gif;base64,R0lG", { data: "R0lG", mediaType: "image/gif" }],
  ])("an image %s is an attachment", (url, attachment) => {
    expect(input({ role: "user", content: image(url) })).toEqual({
      message: "Look:",
      attachments: [attachment],
    });
  });

  test("a file is an attachment with its name", () => {
    const file = { file_data: "data:application/pdf;base64,JVBERg==", filename: "a.pdf" };
    expect(
      input({
        role: "user",
        content: [
          { type: "file", file },
          { type: "text", text: "Read." },
        ],
      }),
    ).toEqual({
      message: "Read.",
      attachments: [{ data: "JVBERg==", mediaType: "application/pdf", name: "a.pdf" }],
    });
  });

  test.each([
    ["none", [], "messages: expected at least one message"],
    [
      "an answer at the end",
      [go, { role: "assistant", content: "Hi." }],
      "messages.1: expected the last message",
    ],
    [
      "a result of no call",
      [go, { role: "tool", tool_call_id: "c9", content: "" }, go],
      "messages.1.tool_call_id",
    ],
    [
      "a call whose arguments are no JSON",
      [go, { role: "assistant", tool_calls: [{ ...call, function: { name: "g", arguments: "{" } }] }, go],
      "messages.1.tool_calls.0.function.arguments: expected JSON",
    ],
    ["an empty answer", [go, { role: "assistant", content: "" }, go], "messages.1: expected a content"],
    [
      "a role that nobody has",
      [{ role: "function", content: "" }],
      "messages.0.role: expected a message whose role",
    ],
    [
      "sound",
      [{ role: "user", content: [{ type: "input_audio" }] }],
      "expected a text, or parts of type text, image",
    ],
    [
      "a file that is kept elsewhere",
      [{ role: "user", content: [{ type: "file", file: { file_id: "f" } }] }],
      "messages.0.content",
    ],
    [
      "an image alone",
      [{ role: "user", content: image("https://x.test/a").slice(1) }],
      "expected a text, with files",
    ],
    ["an http image", [{ role: "user", content: image("http://x.test/a.png") }], "expected an https URL"],
    [
      "an image that is no base64",
      [{ role: "user", content: image("data:image/png,x") }],
      "a data URL in base64",
    ],
  ])("%s is refused with the place where it is", (_, messages, words) => {
    expect(input(...messages)).toEqual({ problem: expect.stringContaining(words), param: "messages" });
  });
});
