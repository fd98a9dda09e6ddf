import type { ChatCompletionRequest } from "@copilotkit/aimock";

/** A tool that the request offers to the model. */
export interface Offered {
  name: string;
  description: string;
  /** JSON Schema of the arguments. */
  schema: JsonSchema;
}

/** The parts of JSON Schema that the planner reads. */
export interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  minItems?: number;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  minimum?: number;
  anyOf?: JsonSchema[];
}

/** A call that was made since the user spoke, and what came back. */
export interface Exchange {
  tool: string;
  input: Record<string, unknown>;
  /** The result; text that is not JSON is a failure's message. */
  result: string;
}

/** What the planner needs from a request, whatever its protocol. */
export interface Conversation {
  /** The user's last words. */
  words: string;
  /** Empty if the request forbids calls. */
  tools: Offered[];
  exchanges: Exchange[];
}

/** Reads a request in aimock's normalised form. */
export function conversationOf({ messages, tools = [], tool_choice }: ChatCompletionRequest): Conversation {
  const lastUser = messages.findLastIndex(({ role }) => role === "user");
  const since = messages.slice(lastUser + 1);
  const results = new Map(
    since
      .filter(({ role }) => role === "tool")
      .map((message) => [message.tool_call_id, textOf(message.content)]),
  );
  return {
    words: textOf(messages[lastUser]?.content),
    tools:
      tool_choice === "none"
        ? []
        : tools.map(({ function: { name, description = "", parameters = {} } }) => ({
            name,
            description,
            schema: parameters as JsonSchema,
          })),
    exchanges: since
      .flatMap(({ tool_calls = [] }) => tool_calls)
      .map(({ id, function: call }) => ({
        tool: call.name,
        input: parseObject(call.arguments),
        result: results.get(id) ?? "no result",
      })),
  };
}

type Content = ChatCompletionRequest["messages"][number]["content"];

function textOf(content: Content | undefined): string {
  if (typeof content === "string") return content;
  return (content ?? []).map(({ text }) => text ?? "").join("");
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
