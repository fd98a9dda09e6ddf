import type { UIMessage } from "ai";
import type { Path, RunEvent } from "../events/index.ts";

type Told<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;
type Fields<Type extends RunEvent["type"], Keys extends keyof Told<Type>> = Pick<Told<Type>, Keys>;

/**
 * What a message's `metadata` says of its run; more, as more becomes known. Who gets the message reads all of it, such as the
 * model's name and what the run cost.
 */
export interface RunMetadata
  extends Partial<
    Fields<"run-began", "agent" | "model"> &
      Fields<"limit-reached", "limit"> &
      Fields<"run-ended", "turns" | "toolCalls" | "usage">
  > {
  /** The run's own; `failed` and `cancelled` where it has none. */
  finishReason?: string;
  /** Why it failed. */
  error?: string;
  /** Of an agent whose answers have a shape. A text is among the message's parts. */
  answer?: unknown;
}

/**
 * What a tool part's `toolMetadata` says of its call. The rest of it is there when the call has ended, unless nobody has approved
 * it.
 */
export type CallMetadata = {
  /** The ids of the calls through which its agent was called: none for the run's own. */
  path: Path;
} & Partial<Fields<"call-ended", "status" | "attempts" | "startedAt" | "durationMs" | "truncated">>;

/**
 * What a tool part's `approval.descriptor` says of a question, beside what the AI SDK has a place for. A call that is not made is
 * `output-denied`; without a `decision`, nobody waits for one any more: the run was cancelled, for instance.
 */
export type ApprovalDescriptor = {
  /** What the model has asked for, where the approver has changed it: the part's `input` is theirs. */
  modelInput?: unknown;
} & Fields<"approval-asked", "expiresAt"> &
  Partial<Fields<"approval-answered", "decision" | "by">>;

/** A `data-approval` part: a part of a composite's call waits, or has waited, for somebody to approve it. */
export type PartApproval = {
  /** The tool part of the composite's call. */
  toolCallId: string;
  answer?: Fields<"approval-answered", "decision" | "by" | "reason" | "input">;
  /** Nobody waits for an answer any more, though nobody has answered. */
  over?: true;
} & Fields<"approval-asked", "approval" | "tool" | "input" | "expiresAt">;

/** A message that `useChat` makes of a run: `useChat<RunMessage>()`. */
export type RunMessage = UIMessage<RunMetadata, { approval: PartApproval }>;
