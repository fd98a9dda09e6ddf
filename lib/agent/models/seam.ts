import * as z from "zod";
import type { CallResult, Usage } from "../../call/index.ts";
import type { Attachment } from "../attachments.ts";

/** One tool call of the model. */
export interface Call {
  /** The provider's id for this call; its result goes back under it. */
  id: string;
  tool: string;
  /** The arguments; text where the model wrote something that is not JSON, or nests too deep: then only its head. */
  input: unknown;
}

/** What goes back to the model for one call. */
export interface ResultForModel extends Pick<CallResult, "id" | "tool"> {
  /** The tool's output as JSON, or in words why there is none. */
  output: { type: "json"; value: unknown } | { type: "error"; message: string };
}

export interface UserMessage {
  role: "user";
  text: string;
  attachments?: readonly Attachment[] | undefined;
  /** Whose words they are where they are not a person's: the kit's own, about an answer that does not fit, or a summary of what was before. */
  by?: "repair" | "summary";
  /** Whether it stands for messages that text from outside was in. */
  untrusted?: true;
  /** The run that answered it, or was to. */
  run?: string;
}

/** The conversation, oldest first. */
export type Message =
  | UserMessage
  | { role: "assistant"; reply: ModelReply }
  | { role: "tool"; results: ResultForModel[] };

/** A tool as the model sees it. */
export interface OfferedTool {
  name: string;
  description: string;
  /** JSON Schema of the arguments. */
  inputSchema: Record<string, unknown>;
}

/** How much a model reasons: effort levels of the AI SDK, which makes them into what the provider takes. */
export const REASONING = ["none", "minimal", "low", "medium", "high", "xhigh"] as const;
export type Reasoning = (typeof REASONING)[number];

/** How a model is asked; what is undefined is as the provider has it. */
export interface CallSettings {
  temperature?: number | undefined;
  maxOutputTokens?: number | undefined;
  reasoning?: Reasoning | undefined;
  /** By the name of the provider. */
  providerOptions?: Record<string, Record<string, z.core.util.JSONType> | undefined> | undefined;
  /** Default off. */
  promptCaching?: "off" | "on" | undefined;
}

export interface ModelRequest {
  instructions: string;
  messages: readonly Message[];
  tools: readonly OfferedTool[];
  /** `"none"` asks for an answer without further calls. */
  toolChoice: "auto" | "none";
  /** Whether the model may ask for several calls in one reply. */
  parallelToolCalls: boolean;
  settings?: CallSettings;
  signal: AbortSignal;
}

/** Why the model stopped; `"length"` means that the provider cut the reply. */
export const replyEnd = z.enum(["stop", "tool-calls", "length", "content-filter", "other"]);

export interface ModelReply {
  text: string;
  calls: Call[];
  usage: Omit<Usage, "costUsd">;
  finishReason: z.output<typeof replyEnd>;
  /** The reply in the provider's own form (JSON), handed back with the next request; opaque to the agent. */
  message: unknown;
  /** `provider/model` that gave it, where it is not the run's own. */
  model?: string;
}

/**
 * A model: one request, one reply, no retries and no tool execution of its own.
 * @throws ModelError for everything the provider refuses or fails at.
 */
export type Model = (request: ModelRequest) => Promise<ModelReply>;

/** Why a model gave no reply, in a person's words, without URLs, headers or keys. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  /** Whether the same request may succeed later: rate limits, overload, broken connections. */
  readonly retryable: boolean;
  /** How long the provider asked to wait, in seconds. */
  readonly retryAfterSeconds: number | undefined;
  /** Whether it is the request that is at fault, so that another model would be asked in vain. */
  readonly ofRequest: boolean;

  constructor(
    message: string,
    options: {
      retryable: boolean;
      retryAfterSeconds?: number | undefined;
      ofRequest?: boolean;
      cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.ofRequest = options.ofRequest ?? false;
  }
}
