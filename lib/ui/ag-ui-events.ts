import type { RunEvent } from "../events/index.ts";
import { type AgUiApproval, answerOf, questionOf } from "./ag-ui-approvals.ts";
import { callId } from "./call-id.ts";

/** Whose event it is, where it is not the run's own. */
interface Attributed {
  subagentRunId?: string;
}

/** Those of AG-UI's events that a run makes. @see https://docs.ag-ui.com/concepts/events */
export type AgUiEvent =
  | { type: "RUN_STARTED"; threadId: string; runId: string }
  | ({
      type: "RUN_FINISHED";
      result?: unknown;
      outcome: { type: "success" | "cancelled" };
      usage?: AgUiUsage[];
    } & Ids)
  | { type: "RUN_ERROR"; message: string; code?: string }
  | ({ type: "TEXT_MESSAGE_START"; messageId: string; role: "assistant" } & Attributed)
  | ({ type: "TEXT_MESSAGE_CONTENT"; messageId: string; delta: string } & Attributed)
  | ({ type: "TEXT_MESSAGE_END"; messageId: string } & Attributed)
  | ({ type: "TOOL_CALL_START"; toolCallId: string; toolCallName: string } & Attributed)
  | ({ type: "TOOL_CALL_ARGS"; toolCallId: string; delta: string } & Attributed)
  | ({ type: "TOOL_CALL_END"; toolCallId: string } & Attributed)
  | ({
      type: "TOOL_CALL_RESULT";
      toolCallId: string;
      messageId: string;
      content: string;
      metadata: object;
    } & Attributed)
  | { type: "SUBAGENT_STARTED"; subagentRunId: string; parentToolCallId: string; name: string }
  | { type: "SUBAGENT_FINISHED"; subagentRunId: string; result: unknown }
  | { type: "SUBAGENT_ERROR"; subagentRunId: string; message: string; code?: string }
  | { type: "CUSTOM"; name: "limit-reached"; value: string }
  | AgUiApproval;

interface Ids {
  threadId: string;
  runId: string;
}
interface AgUiUsage {
  model?: string;
  inputTokens: number;
  outputTokens: number;
}
type Event<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;

/**
 * A run as AG-UI's events, for interfaces that speak that protocol. A text comes when its turn has ended, for AG-UI cannot take back
 * what a request that is made again had written. A sub-agent's events carry the id of the call that it was called by. A call that
 * waits for an approval does not end the run, as AG-UI's interrupts do, since others run beside it: it is a `CUSTOM` event
 * `approval-asked`, with an interrupt as its value, and its answer one `approval-answered`, with a resume entry.
 * @param events all of the run's, from the first on, as `readEvents` of `fanout/client` yields them, or alone.
 * @param ids as AG-UI's client has sent them.
 */
export async function* toAgUiEvents(
  events: AsyncIterable<RunEvent | { event: RunEvent }>,
  ids: Ids,
): AsyncGenerator<AgUiEvent, void, undefined> {
  yield { type: "RUN_STARTED", ...ids };
  let isOver = false;
  let model: string | undefined;
  for await (const one of events) {
    const event = "event" in one ? one.event : one;
    const isOwn = event.path.length === 0;
    if (event.type === "run-began" && isOwn) model = event.model;
    isOver ||= isOwn && ["run-ended", "run-failed", "run-cancelled"].includes(event.type);
    yield* isOwn ? ofRun(event, ids, model) : ofSubAgent(event);
  }
  if (!isOver) yield { type: "RUN_ERROR", message: "The run was ended before it had an answer." };
}

function ofRun(event: RunEvent, ids: Ids, model: string | undefined): AgUiEvent[] {
  switch (event.type) {
    case "run-began":
      return [];
    case "limit-reached":
      return [{ type: "CUSTOM", name: "limit-reached", value: event.limit }];
    case "run-ended": {
      const { inputTokens, outputTokens } = event.usage;
      const usage = [{ ...(model !== undefined && { model }), inputTokens, outputTokens }];
      return [{ type: "RUN_FINISHED", ...ids, result: event.answer, outcome: { type: "success" }, usage }];
    }
    case "run-failed":
      return [{ type: "RUN_ERROR", message: event.message, code: String(event.code) }];
    case "run-cancelled":
      return [{ type: "RUN_FINISHED", ...ids, outcome: { type: "cancelled" } }];
    default:
      return ofAgent(event);
  }
}

function ofSubAgent(event: RunEvent): AgUiEvent[] {
  const subagentRunId = callId(event.path);
  switch (event.type) {
    case "run-began":
      return [
        { type: "SUBAGENT_STARTED", subagentRunId, parentToolCallId: subagentRunId, name: event.agent },
      ];
    case "limit-reached":
      return [];
    case "run-ended":
      return [{ type: "SUBAGENT_FINISHED", subagentRunId, result: event.answer }];
    case "run-failed":
      return [{ type: "SUBAGENT_ERROR", subagentRunId, message: event.message, code: String(event.code) }];
    case "run-cancelled":
      return [{ type: "SUBAGENT_ERROR", subagentRunId, message: "It was cancelled." }];
    default:
      return ofAgent(event);
  }
}

/** What any agent tells while it runs. */
function ofAgent(
  event: Exclude<
    RunEvent,
    { type: "run-began" | "limit-reached" | "run-ended" | "run-failed" | "run-cancelled" }
  >,
): AgUiEvent[] {
  switch (event.type) {
    case "turn-began":
    case "text":
      return [];
    case "approval-asked":
      return [questionOf(event)];
    case "approval-answered":
      return [answerOf(event)];
    case "turn-ended":
      return textOf(event);
    case "call-issued":
      return callOf(event);
    case "call-ended":
      return [resultOf(event)];
    default:
      throw new Error(`Unknown event: ${JSON.stringify(event satisfies never)}`);
  }
}

const attributed = ({ path }: RunEvent): Attributed =>
  path.length === 0 ? {} : { subagentRunId: callId(path) };

function textOf(event: Event<"turn-ended">): AgUiEvent[] {
  const { path, turn, text } = event;
  if (text === "") return [];
  const common = { messageId: callId([...path, `turn ${turn}`]), ...attributed(event) };
  return [
    { type: "TEXT_MESSAGE_START", role: "assistant", ...common },
    { type: "TEXT_MESSAGE_CONTENT", delta: text, ...common },
    { type: "TEXT_MESSAGE_END", ...common },
  ];
}

function callOf(event: Event<"call-issued">): AgUiEvent[] {
  const { path, id, tool, input } = event;
  const common = { toolCallId: callId([...path, id]), ...attributed(event) };
  return [
    { type: "TOOL_CALL_START", toolCallName: tool, ...common },
    { type: "TOOL_CALL_ARGS", delta: JSON.stringify(input ?? null), ...common },
    { type: "TOOL_CALL_END", ...common },
  ];
}

function resultOf(event: Event<"call-ended">): AgUiEvent {
  const { path, id, status, output, error = status, attempts, startedAt, durationMs, truncated } = event;
  const toolCallId = callId([...path, id]);
  return {
    type: "TOOL_CALL_RESULT",
    messageId: `result of ${toolCallId}`,
    toolCallId,
    content: status === "ok" ? JSON.stringify(output ?? null) : error,
    metadata: { status, attempts, startedAt, durationMs, truncated },
    ...attributed(event),
  };
}
