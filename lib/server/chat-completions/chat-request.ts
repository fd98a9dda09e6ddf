import * as z from "zod";
import { explain } from "../../runtime/index.ts";
import { chatMessage } from "./chat-message.ts";
import type { Problem } from "./errors.ts";
import { type Said, toSaid } from "./history.ts";

/** What would be another answer, with the values that ask for none of it, and what is to be said otherwise. */
const without = (isNeutral: (value: unknown) => boolean, error: string) =>
  z.custom<unknown>((value) => value === null || isNeutral(value), { error }).optional();
const isEmpty = (value: unknown) => typeof value === "object" && Object.keys(value as object).length === 0;
const never = () => false;

const REFUSED = {
  audio: without(never, "expected none: agents answer with text"),
  function_call: without(
    (one) => one === "auto" || one === "none",
    "expected none: an agent has its own tools",
  ),
  functions: without(isEmpty, "expected none: an agent has its own tools, and calls them itself"),
  logit_bias: without(isEmpty, "expected none"),
  logprobs: without((one) => one === false, "expected false"),
  modalities: without((one) => JSON.stringify(one) === '["text"]', 'expected ["text"]'),
  moderation: without(never, "expected none"),
  n: without((one) => one === 1, "expected 1: a run has one answer"),
  response_format: without(
    (one) => (one as { type?: unknown }).type === "text",
    'expected { "type": "text" }: which shape an answer has is the agent\'s own',
  ),
  stop: without(isEmpty, "expected none"),
  tool_choice: without(
    (one) => one === "auto" || one === "none",
    "expected none: an agent has its own tools",
  ),
  tools: without(isEmpty, "expected none: an agent has its own tools, and calls them itself"),
  top_logprobs: without((one) => one === 0, "expected none"),
  web_search_options: without(never, "expected none: an agent has its own tools"),
};

/** What clients send unasked, and what is the agent's to say: it is not read. */
const IGNORED = [
  "frequency_penalty",
  "metadata",
  "prediction",
  "presence_penalty",
  "prompt_cache_key",
  "prompt_cache_options",
  "prompt_cache_retention",
  "reasoning_effort",
  "safety_identifier",
  "seed",
  "service_tier",
  "store",
  "temperature",
  "top_p",
  "user",
  "verbosity",
];

/** @see https://platform.openai.com/docs/api-reference/chat/create */
const chatBody = z.strictObject({
  ...REFUSED,
  ...Object.fromEntries(IGNORED.map((name) => [name, z.unknown().optional()])),
  model: z.string().min(1),
  messages: z.array(chatMessage).min(1, "expected at least one message"),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
});

/** A request for an answer, as a run takes it. */
export interface ChatRequest {
  /** The agent's name. */
  model: string;
  input: Said & { maxOutputTokens?: number; parallelToolCalls?: false };
  stream: boolean;
  includeUsage: boolean;
}

/** Reads a body, or says what is wrong with it. */
export function readChatRequest(text: string): ChatRequest | Problem {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { problem: "Expected a body of JSON." };
  }
  const { success, data, error } = chatBody.safeParse(json);
  if (!success) return { problem: explain(error, json), param: paramOf(error) };
  const said = toSaid(data.messages);
  return "problem" in said ? said : toRequest(data, said);
}

function toRequest(body: z.output<typeof chatBody>, said: Said): ChatRequest {
  const maxOutputTokens = body.max_completion_tokens ?? body.max_tokens;
  return {
    model: body.model,
    input: {
      ...said,
      ...(maxOutputTokens != null && { maxOutputTokens }),
      // An agent that makes one call at a time takes no `true`.
      ...(body.parallel_tool_calls === false && { parallelToolCalls: false }),
    },
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
  };
}

/** The parameter that is wrong, the first one where several are. */
function paramOf({ issues: [issue] }: z.ZodError): string | undefined {
  const param = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path[0];
  return param === undefined ? undefined : String(param);
}
