import type { ChatCompletionRequest, FixtureResponse } from "@copilotkit/aimock";
import { answerFrom, type Origin, whatItUnderstands } from "./answer.ts";
import { claimMetrics } from "./claim.ts";
import { type Conversation, conversationOf, type JsonSchema, type Offered } from "./conversation.ts";
import { database } from "./database.ts";
import { email } from "./email.ts";
import { exchangeRate } from "./exchange-rate.ts";
import { findByName, shaped } from "./generic.ts";
import type { Found, Rule } from "./rule.ts";
import { stockPrice } from "./stock-price.ts";
import { weather } from "./weather.ts";
import { webSearch } from "./web-search.ts";

/** In the order in which they read the words: what one rule has read, the next ones do not see. */
const RULES: readonly Rule[] = [claimMetrics, email, webSearch, database, exchangeRate, weather, stockPrice];

/**
 * The offline model: reads the tools offered and the user's words, asks for all useful calls in one turn, and answers
 * from their results. The same request always gets the same reply.
 * @param sampleData whether the tools' results come from the sandbox; the answer says so.
 */
export const planner = (sampleData: boolean) => (request: ChatCompletionRequest) =>
  plan(request, { sampleData, words: sourceOf(sampleData) });

function sourceOf(sampleData: boolean): string {
  const model = "This is the offline sandbox model, which follows fixed rules";
  return sampleData
    ? `${model}. The data are sandbox data, not real. Set OPENAI_API_KEY or ANTHROPIC_API_KEY for a real model.`
    : `${model}. Set OPENAI_API_KEY or ANTHROPIC_API_KEY for a real model.`;
}

function plan(request: ChatCompletionRequest, from: Origin): FixtureResponse {
  const conversation = conversationOf(request);
  const calls = conversation.exchanges.length === 0 ? findCalls(conversation) : [];
  const usage = (reply: string) => ({ usage: estimateUsage(request, reply) });
  if (calls.length > 0) return { toolCalls: calls, ...usage(JSON.stringify(calls)) };
  const text =
    conversation.exchanges.length > 0
      ? answerFrom(conversation.exchanges, RULES, from)
      : whatItUnderstands(conversation.tools, RULES, from);
  const schema = answerSchemaIn(request);
  const content = schema ? JSON.stringify(shaped(schema, text)) : text;
  return { content, ...usage(content) };
}

/** The JSON Schema that the instructions want the answer to fit, if they do. */
function answerSchemaIn({ messages }: ChatCompletionRequest): JsonSchema | undefined {
  const instructions = JSON.stringify(messages.filter(({ role }) => role !== "tool"));
  const [, json] = /fits this JSON Schema: (\{.*?\})"/.exec(instructions) ?? [];
  return json === undefined ? undefined : JSON.parse(JSON.parse(`"${json}"`));
}

function findCalls({ words, tools }: Conversation): { name: string; arguments: string }[] {
  const finders = [...RULES.flatMap((rule) => ruleFor(rule, tools)), ...tools.flatMap(genericFor)];
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

interface Finder {
  tool: string;
  find(words: string): Found[];
}

const ruleFor = (rule: Rule, tools: Offered[]): Finder[] =>
  tools.some(({ name }) => name === rule.tool) ? [rule] : [];

const genericFor = (tool: Offered): Finder[] =>
  RULES.some((rule) => rule.tool === tool.name)
    ? []
    : [{ tool: tool.name, find: (words) => findByName(tool, words) }];

/** Roughly what a tokenizer makes of English and JSON. */
const CHARACTERS_PER_TOKEN = 4;

/** Under both protocols' names; aimock takes the one that it needs. */
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
