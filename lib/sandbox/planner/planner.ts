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
export const planner = (sampleData: boolean) => (request: ChatCompletionRequest) => plan(request, sampleData);

/** What the reader is told of an answer; tools that no rule knows are a person's own, and ask whom they like. */
function sourceOf(tools: readonly { name: string }[], sampleData: boolean): Origin {
  const known = sampleData && tools.some(({ name }) => RULES.some(({ tool }) => tool === name));
  const data = known ? " The data are sandbox data, not real." : "";
  const words = `This is the offline sandbox model, which follows fixed rules.${data} Set OPENAI_API_KEY or ANTHROPIC_API_KEY for a real model.`;
  return { sampleData, words };
}

function plan(request: ChatCompletionRequest, sampleData: boolean): FixtureResponse {
  const conversation = conversationOf(request);
  const calls = conversation.exchanges.length === 0 ? findCalls(conversation) : [];
  const usage = (reply: string) => ({ usage: estimateUsage(request, reply) });
  if (calls.length > 0) return { toolCalls: calls, ...usage(JSON.stringify(calls)) };
  const text = answerTo(conversation, sampleData);
  const schema = answerSchemaIn(request);
  const content = schema ? JSON.stringify(shaped(schema, text)) : text;
  return { content, ...usage(content) };
}

function answerTo({ exchanges, tools }: Conversation, sampleData: boolean): string {
  if (exchanges.length === 0) return whatItUnderstands(tools, RULES, sourceOf(tools, sampleData));
  const asked = exchanges.map(({ tool: name }) => ({ name }));
  return answerFrom(exchanges, RULES, sourceOf(asked, sampleData));
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
  tools.some((tool) => knows(rule, tool)) ? [rule] : [];

const genericFor = (tool: Offered): Finder[] =>
  RULES.some((rule) => knows(rule, tool))
    ? []
    : [{ tool: tool.name, find: (words) => findByName(tool, words) }];

/** Whether a rule is about this tool. One of a person's own may be called like a sample, and take something else. */
function knows(rule: Rule, { name, schema }: Offered): boolean {
  if (rule.tool !== name) return false;
  const found = Object.keys(rule.find(rule.example)[0]?.input ?? {});
  const taken = Object.keys(schema.properties ?? {});
  return (
    (taken.length === 0 || found.every((field) => taken.includes(field))) &&
    (schema.required ?? []).every((field) => found.includes(field))
  );
}

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
