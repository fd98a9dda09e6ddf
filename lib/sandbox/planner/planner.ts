import type { ChatCompletionRequest, FixtureResponse } from "@copilotkit/aimock";
import type { StandIns } from "../stand-in.ts";
import { answerFrom, type Origin, whatItUnderstands } from "./answer.ts";
import { type Conversation, conversationOf, type JsonSchema, type Offered } from "./conversation.ts";
import { findByName, shaped } from "./generic.ts";
import type { Found, Words } from "./words.ts";

/** What the planner knows about the tools and their results. */
interface Knowledge {
  standIns: StandIns;
  sampleData: boolean;
}

/**
 * The offline model: reads the tools offered and the user's words, asks for all useful calls in one turn, and answers
 * from their results. The same request always gets the same reply.
 * @param standIns whose words it knows; any other tool is called by its name.
 * @param sampleData whether the tools' results come from the sandbox; the answer says so.
 */
export function planner(standIns: StandIns, sampleData: boolean) {
  return (request: ChatCompletionRequest) => plan(request, { standIns, sampleData });
}

/** What the reader is told about an answer's data; tools without a stand-in may ask anyone. */
function sourceOf(tools: readonly { name: string }[], { standIns, sampleData }: Knowledge): Origin {
  const known = sampleData && tools.some(({ name }) => Object.hasOwn(standIns, name));
  const data = known ? " The data are sandbox data, not real." : "";
  const words = `This is the offline sandbox model, which follows fixed rules.${data} Set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY for a real model.`;
  return { sampleData, words };
}

function plan(request: ChatCompletionRequest, knowledge: Knowledge): FixtureResponse {
  const conversation = conversationOf(request);
  const calls = conversation.exchanges.length === 0 ? findCalls(conversation, knowledge.standIns) : [];
  const usage = (reply: string) => ({ usage: estimateUsage(request, reply) });
  if (calls.length > 0) return { toolCalls: calls, ...usage(JSON.stringify(calls)) };
  const text = answerTo(conversation, knowledge);
  const schema = answerSchemaIn(request);
  const content = schema ? JSON.stringify(shaped(schema, text)) : text;
  return { content, ...usage(content) };
}

function answerTo({ exchanges, tools }: Conversation, knowledge: Knowledge): string {
  const { standIns } = knowledge;
  if (exchanges.length === 0) return whatItUnderstands(tools, standIns, sourceOf(tools, knowledge));
  const asked = exchanges.map(({ tool: name }) => ({ name }));
  return answerFrom(exchanges, standIns, sourceOf(asked, knowledge));
}

/** The JSON Schema that the instructions want the answer to fit, if any. */
function answerSchemaIn({ messages }: ChatCompletionRequest): JsonSchema | undefined {
  const instructions = JSON.stringify(messages.filter(({ role }) => role !== "tool"));
  const [, json] = /fits this JSON Schema: (\{.*?\})"/.exec(instructions) ?? [];
  return json === undefined ? undefined : JSON.parse(JSON.parse(`"${json}"`));
}

function findCalls(
  { words, tools }: Conversation,
  standIns: StandIns,
): { name: string; arguments: string }[] {
  const finders = findersFor(tools, standIns);
  let unread = words;
  const found = finders.flatMap(({ tool, find }) => {
    const calls = find(unread);
    for (const { at, length } of calls) {
      unread = unread.slice(0, at) + " ".repeat(length) + unread.slice(at + length);
    }
    return calls.map((call) => ({ ...call, tool }));
  });
  return found
    .sort((a, b) => a.at - b.at)
    .map(({ tool, input }) => ({ name: tool, arguments: JSON.stringify(input) }));
}

/** The readers that find calls in words, in order: the next ones do not see what one has read. */
interface Finder {
  tool: string;
  find(words: string): Found[];
}

/** The order of words that do not set one. */
const USUAL_ORDER = 10;

/** The stand-ins' words by their order, then the tools that go by their names. */
function findersFor(tools: readonly Offered[], standIns: StandIns): Finder[] {
  const byWords = Object.entries(standIns).flatMap(([name, { words }]) => {
    const offered = tools.find((tool) => tool.name === name);
    return words && offered && fits(words, offered) ? [{ tool: name, ...words }] : [];
  });
  const others = tools.filter(({ name }) => !byWords.some(({ tool }) => tool === name));
  return [
    ...byWords.sort((a, b) => (a.order ?? USUAL_ORDER) - (b.order ?? USUAL_ORDER)),
    ...others.map((tool) => ({ tool: tool.name, find: (words: string) => findByName(tool, words) })),
  ];
}

/** Whether words still fit a tool: its contract may have changed since they were written. */
function fits(words: Words, { schema }: Offered): boolean {
  const found = Object.keys(words.find(words.example)[0]?.input ?? {});
  const taken = Object.keys(schema.properties ?? {});
  return (
    (taken.length === 0 || found.every((field) => taken.includes(field))) &&
    (schema.required ?? []).every((field) => found.includes(field))
  );
}

/** Roughly what a tokenizer yields for English and JSON. */
const CHARACTERS_PER_TOKEN = 4;

/** Under both protocols' names; aimock uses the one it needs. */
function estimateUsage({ messages, tools = [] }: ChatCompletionRequest, reply: string) {
  const input = Math.ceil(JSON.stringify({ messages, tools }).length / CHARACTERS_PER_TOKEN);
  const output = Math.ceil(reply.length / CHARACTERS_PER_TOKEN);
  return {
    prompt_tokens: input,
    completion_tokens: output,
    input_tokens: input,
    output_tokens: output,
  };
}
