/**
 * Begins, watches, answers and ends runs, in browsers and in Node: {@link connect} to Restate itself, {@link connectToRoutes} to the
 * routes of `fanout/server`.
 * @module
 */

// What a conversation is read as.
export type { History, PlainMessage } from "../agent/index.ts";
export {
  type Approval,
  type ApprovalAnswer,
  type OpenApproval,
  openOf,
  readQuestions,
} from "./approvals.ts";
export { type AgentClient, type Client, connect, connectToRoutes } from "./connect.ts";
export type {
  AnswerOf,
  AnyAgent,
  ApprovalOf,
  EventOf,
  HistoryOf,
  MessageOptions,
  OutputOf,
  RunOptions,
} from "./contract.ts";
export type { ConversationClient } from "./conversation-client.ts";
export { type Conversations, isConversationId } from "./conversations.ts";
export { type ErrorCode, FanoutError } from "./error.ts";
export { isLastEvent, type PositionedEvent, type ReadOptions, readEvents } from "./event-reader.ts";
export type { IngressAddress } from "./ingress.ts";
export { ingressConversations } from "./ingress-conversations.ts";
export { beginAt, ingressRuns, type RestateAddress } from "./ingress-runs.ts";
export type { RoutesAddress } from "./routes-request.ts";
export type { RunStatus } from "./routes-wire.ts";
export { type Outcome, outcomeOf } from "./run-outcome.ts";
export type { Runs, StartOptions } from "./runs.ts";
