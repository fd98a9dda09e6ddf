import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  KEY,
  loadModel,
  type Provider,
  request,
  type Sent,
  startProvider,
  WEATHER,
} from "../../../test/support/provider.ts";
import { answer, calls } from "../../../test/support/script.ts";
import type { Message, ModelRequest } from "./seam.ts";

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());

async function ask(reply: Sent, parts?: Partial<ModelRequest>) {
  provider.use(reply);
  return await (await loadModel("Anthropic Messages", provider.url))(request(parts));
}

/** A message as Anthropic sends it. @see https://docs.claude.com/en/api/messages */
const message = (stop_reason: string, ...content: object[]) =>
  Response.json({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-haiku-4-5",
    content,
    stop_reason,
    stop_sequence: null,
    usage: { input_tokens: 9, output_tokens: 4 },
  });
const text = (words: string) => ({ type: "text", text: words });
const toolUse = (id: string, input: unknown) => ({ type: "tool_use", id, name: "get_weather", input });

const QUESTION: Message = { role: "user", text: "The weather in Tokyo and London?" };
const TOKYO = { id: "call_1", name: "get_weather", input: { city: "Tokyo" } };
const LONDON = { id: "call_2", name: "get_weather", input: { city: "London" } };

describe("a request", () => {
  test("carries the instructions and the tools as they are", async () => {
    await ask(answer("Hello."));
    const { path, headers, body } = provider.requests[0] ?? {};
    expect(path).toBe("/v1/messages");
    expect(headers?.get("x-api-key")).toBe(KEY);
    expect(body).toEqual({
      model: "claude-haiku-4-5",
      max_tokens: 64_000,
      system: [text("Be brief.")],
      messages: [{ role: "user", content: [text(QUESTION.text)] }],
      tools: [{ name: WEATHER.name, description: WEATHER.description, input_schema: WEATHER.inputSchema }],
      tool_choice: { type: "auto", disable_parallel_tool_use: false },
    });
  });

  test('with tool choice "none" forbids tools, which stay offered for the calls that were made', async () => {
    await ask(answer("Hello."), { toolChoice: "none" });
    expect(provider.requests[0]?.body).toMatchObject({ tool_choice: { type: "none" }, tools: [{}] });
  });

  test("can forbid parallel calls", async () => {
    await ask(answer("Hello."), { parallelToolCalls: false });
    expect(provider.requests[0]?.body.tool_choice).toEqual({ type: "auto", disable_parallel_tool_use: true });
  });

  test("without tools says nothing about them", async () => {
    await ask(answer("Hello."), { tools: [], parallelToolCalls: false });
    for (const field of ["tools", "tool_choice"])
      expect(provider.requests[0]?.body).not.toHaveProperty(field);
  });

  test("brings the results of a turn back in one message, one per call, in order; failures as errors", async () => {
    const reply = await ask({ ...calls(TOKYO, LONDON), content: "Let me look." } as Sent);
    const results: Message = {
      role: "tool",
      results: [
        { id: "call_1", tool: "get_weather", output: { type: "json", value: { celsius: 18 } } },
        { id: "call_2", tool: "get_weather", output: { type: "error", message: "timeout after 30 s" } },
      ],
    };
    await ask(answer("Done."), { messages: [QUESTION, { role: "assistant", reply }, results] });
    expect(provider.requests[0]?.body.messages.slice(1)).toEqual([
      {
        role: "assistant",
        content: [
          text("Let me look."),
          toolUse("call_1", { city: "Tokyo" }),
          toolUse("call_2", { city: "London" }),
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "call_1", content: '{"celsius":18}' },
          {
            type: "tool_result",
            tool_use_id: "call_2",
            content: "timeout after 30 s",
            is_error: true,
          },
        ],
      },
    ]);
  });

  test("brings thinking back with its signature", async () => {
    const thinking = { type: "thinking", thinking: "Tokyo first.", signature: "signed" };
    const redacted = { type: "redacted_thinking", data: "opaque" };
    const reply = await ask(message("tool_use", thinking, redacted, toolUse("call_1", { city: "Tokyo" })));
    const results = [{ id: "call_1", tool: "get_weather", output: { type: "json", value: 18 } as const }];
    await ask(answer("Done."), {
      messages: [
        QUESTION,
        { role: "assistant", reply: JSON.parse(JSON.stringify(reply)) },
        { role: "tool", results },
      ],
    });
    expect(provider.requests[0]?.body.messages[1].content).toEqual([
      thinking,
      redacted,
      toolUse("call_1", { city: "Tokyo" }),
    ]);
  });
});

describe("a reply", () => {
  test("may have arguments that are no object, and goes back as a conversation all the same", async () => {
    const reply = await ask(message("tool_use", toolUse("call_1", "Tokyo"), toolUse("call_2", ["London"])));
    expect(reply.calls.map(({ input }) => input)).toEqual(["Tokyo", ["London"]]);
    const results = reply.calls.map(({ id, tool }) => ({
      id,
      tool,
      output: { type: "error", message: "expected an object" } as const,
    }));
    await ask(answer("Done."), {
      messages: [QUESTION, { role: "assistant", reply }, { role: "tool", results }],
    });
    const [, assistant, user] = provider.requests[0]?.body.messages ?? [];
    // Anthropic takes objects only.
    for (const { input } of assistant.content) expect(input).toEqual({ rawInvalidInput: expect.anything() });
    expect(user.content).toMatchObject([{ is_error: true }, { is_error: true }]);
  });

  test("that its length limit cut says so", async () => {
    const reply = await ask(message("max_tokens", text("It is su")));
    expect(reply).toMatchObject({ text: "It is su", calls: [], finishReason: "length" });
  });

  test.each([
    [{}, "{"],
    [{ city: "Lon" }, '{"city":"Lon"'],
  ])("that ends in a cut call does not pass it off as a whole one: %j", async (input, raw) => {
    const reply = await ask(
      message("max_tokens", toolUse("call_1", { city: "Tokyo" }), toolUse("call_2", input)),
    );
    expect(reply.calls.map((call) => call.input)).toEqual([{ city: "Tokyo" }, raw]);
    const results = reply.calls.map(({ id, tool }) => ({
      id,
      tool,
      output: { type: "error", message: "not valid JSON" } as const,
    }));
    await ask(answer("Done."), {
      messages: [QUESTION, { role: "assistant", reply }, { role: "tool", results }],
    });
    expect(provider.requests[0]?.body.messages[1].content[1]).toEqual(toolUse("call_2", input));
  });

  test("that was refused is a content filter's", async () => {
    const reply = await ask(message("refusal", text("I c")));
    expect(reply).toMatchObject({ text: "I c", calls: [], finishReason: "content-filter" });
  });

  test("may have no content at all", async () => {
    expect(await ask(message("end_turn"))).toMatchObject({ text: "", calls: [], finishReason: "stop" });
  });

  test("counts what was read from the provider's cache as input", async () => {
    const cached = Response.json({
      ...((await message("end_turn", text("Hello.")).json()) as object),
      usage: { input_tokens: 9, cache_read_input_tokens: 100, output_tokens: 4 },
    });
    expect((await ask(cached)).usage).toEqual({
      inputTokens: 109,
      cacheReadTokens: 100,
      outputTokens: 4,
    });
  });
});
