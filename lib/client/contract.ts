import type * as z from "zod";
import type { Agent, AgentInput, AgentOutput, History, MessageInput, PlainMessage } from "../agent/index.ts";
import type { RunEvent } from "../events/index.ts";
import type { Tool } from "../tool/index.ts";
import type { OpenApproval } from "./approvals.ts";

// Everything here is types: a contract's schemas are never needed to talk to its agent.

/** Any agent's contract. */
export type AnyAgent = Agent<z.ZodType | undefined, unknown>;

/** What an agent answers with: what its `answer` schema says, else text. */
export type AnswerOf<A> = A extends { answer: infer Answer }
  ? Answer extends z.ZodType
    ? z.output<Answer>
    : string
  : unknown;

/** What a run of an agent returns. */
export type OutputOf<A> = AgentOutput<AnswerOf<A>>;

/** What a run may be asked for besides its message. */
export type RunOptions = Omit<AgentInput, "message">;

/** What a message in a conversation may be asked for besides its text. */
export type MessageOptions = Omit<MessageInput, "message">;

/** The contracts of the tools that an agent may call, and of those that its sub-agents may. */
type ToolsOf<A> = A extends { readonly callables?: readonly (infer One)[] } ? ToolsIn<One> : Tool;
type ToolsIn<One> = One extends Tool ? One : One extends AnyAgent ? SubAgentTool<One> | ToolsOf<One> : never;

/** A sub-agent as the tool that it is to the agent above. */
type SubAgentTool<A extends AnyAgent> = {
  name: A["name"];
  input: z.ZodType<{ message: string }>;
  output: z.ZodType<{ answer: AnswerOf<A>; finishReason?: string }>;
};

type Contract = { name: string; input: z.ZodType; output: z.ZodType };
type Issued = Extract<RunEvent, { type: "call-issued" }>;
type Ended = Extract<RunEvent, { type: "call-ended" }>;

/** What the model has asked for. It is not checked yet: a call that does not fit ends as `invalid-input`. */
type IssuedOf<T extends Contract> = Omit<Issued, "tool" | "input"> & {
  tool: T["name"];
  input: z.output<T["input"]>;
};

/** How a call has ended. An output that was cut no longer fits its schema; a run that is asked for `turns` tells none. */
type EndedOf<T extends Contract> =
  | (Omit<Ended, "tool" | "status" | "truncated" | "output"> & {
      tool: T["name"];
      status: "ok";
      truncated: false;
      output?: z.output<T["output"]>;
    })
  | (Omit<Ended, "tool" | "status" | "truncated"> & { tool: T["name"]; status: "ok"; truncated: true })
  | (Omit<Ended, "tool" | "status"> & { tool: T["name"]; status: Exclude<Ended["status"], "ok"> });

type Asked = Extract<RunEvent, { type: "approval-asked" }>;

/** A question as it is `told` or listed. A part may be of a tool that the agent itself may not call. */
type QuestionOf<Told, T> =
  | (T extends Contract
      ? Omit<Told, "tool" | "input" | "part"> & { part: false; tool: T["name"]; input: z.output<T["input"]> }
      : never)
  | (Omit<Told, "part"> & { part: true });

/** A call of an agent's run that waits for its approval. A comparison of `part` and `tool` says what `input` is. */
export type ApprovalOf<A> = QuestionOf<OpenApproval, ToolsOf<A>>;

/** One member per contract, so that a comparison of `tool` tells which. */
type CallsOf<T> = T extends Contract ? IssuedOf<T> | EndedOf<T> : never;

/**
 * What a run of an agent tells. A comparison of `type` and `tool` says what `input` and `output` are; of a question, `part` too. A call that the model
 * has made up has a tool that no contract names, and ends as `unknown-tool`.
 */
export type EventOf<A> =
  | Exclude<RunEvent, Issued | Ended | Asked>
  | CallsOf<ToolsOf<A>>
  | QuestionOf<Asked, ToolsOf<A>>;

type Said = Extract<PlainMessage, { role: "assistant" }>;
type SaidCall<T> = T extends Contract ? { id: string; tool: T["name"]; input: z.output<T["input"]> } : never;

/** A part of a conversation with an agent. A comparison of a call's `tool` says what its `input` is, as in an event. */
export type HistoryOf<A> = Omit<History, "messages"> & {
  messages: (Exclude<PlainMessage, Said> | (Omit<Said, "calls"> & { calls?: SaidCall<ToolsOf<A>>[] }))[];
};
