import type { InferUIMessageChunk } from "ai";
import type { Path, RunEvent } from "../events/index.ts";
import { callId } from "./call-id.ts";
import type { ApprovalDescriptor, CallMetadata, PartApproval, RunMessage } from "./run-message.ts";

export type Chunk = InferUIMessageChunk<RunMessage>;
type Event<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;

/** A call that has not ended. */
interface OpenCall {
  toolCallId: string;
  /** Its place in the run, with its own id. */
  path: Path;
  tool: string;
  input: unknown;
  /** What was asked before it may be made. */
  asked?: { id: string; descriptor: ApprovalDescriptor; approved?: boolean };
  /** What is asked before parts of it may be made, by the approvals' ids. */
  openParts: Map<string, PartApproval>;
}

/** The calls that a message shows, and what is asked about them. */
export class CallParts {
  /** By their ids in the message. */
  readonly #open = new Map<string, OpenCall>();

  issue({ path, id, tool, input }: Event<"call-issued">): Chunk[] {
    const own = [...path, id];
    const call: OpenCall = { toolCallId: callId(own), path: own, tool, input, openParts: new Map() };
    this.#open.set(call.toolCallId, call);
    return [inputOf(call)];
  }

  ask(event: Event<"approval-asked">): Chunk[] {
    const call = this.#callOf(event);
    if (!call) return [];
    const { approval, part, tool, input, expiresAt } = event;
    if (part) {
      const asked = { approval, toolCallId: call.toolCallId, tool, input, expiresAt };
      call.openParts.set(approval, asked);
      return [partOf(asked)];
    }
    call.asked = { id: approval, descriptor: { expiresAt } };
    return requestOf(call);
  }

  answer(event: Event<"approval-answered">): Chunk[] {
    const call = this.#callOf(event);
    const { approval, decision, by, reason, input } = event;
    const part = call?.openParts.get(approval);
    if (call && part) {
      call.openParts.delete(approval);
      return [partOf({ ...part, answer: { decision, by, reason, input } })];
    }
    if (call?.asked?.id !== approval) return [];
    Object.assign(call.asked.descriptor, { decision, by });
    return [
      ...changeInput(call, input),
      ...requestOf(call),
      ...respond(call, decision === "approved", reason),
    ];
  }

  /** What an agent's own function and the agent say may differ: the last word counts. */
  end(event: Event<"call-ended">): Chunk[] {
    const { path, id, status, output, error } = event;
    const own = [...path, id];
    const toolCallId = callId(own);
    const call = this.#open.get(toolCallId);
    this.#open.delete(toolCallId);
    const inner = this.close(own, "Its agent ended before it.");
    const errorText = error ?? status;
    const toolMetadata = callMetadata(event);
    if (status !== "ok") return [...inner, ...failureOf({ toolCallId, call, errorText, toolMetadata })];
    const end: Chunk = { type: "tool-output-available", toolCallId, output: output ?? null, toolMetadata };
    return [...inner, ...(call ? withdraw(call) : []), end];
  }

  /** Ends calls of which nothing more will be told. @param path whose they are, and of all that these have called. */
  close(path: Path, errorText: string): Chunk[] {
    const closed = [...this.#open.values()].filter((call) =>
      path.every((id, index) => call.path[index] === id),
    );
    return closed.flatMap((call) => {
      this.#open.delete(call.toolCallId);
      return failureOf({ toolCallId: call.toolCallId, call, errorText });
    });
  }

  #callOf({ path, id }: Event<"approval-asked" | "approval-answered">): OpenCall | undefined {
    return id === undefined ? undefined : this.#open.get(callId([...path, id]));
  }
}

const inputOf = ({ toolCallId, path, tool, input }: OpenCall): Chunk => ({
  type: "tool-input-available",
  toolCallId,
  toolName: tool,
  input,
  toolMetadata: callMetadata({ path: path.slice(0, -1) }),
});

const partOf = (data: PartApproval): Chunk => ({ type: "data-approval", id: data.approval, data });

/** The message's reader takes a question that comes again as news of the same one. */
const requestOf = ({ toolCallId, asked }: OpenCall): Chunk[] =>
  asked
    ? [
        {
          type: "tool-approval-request",
          approvalId: asked.id,
          toolCallId,
          approvalDescriptor: { ...asked.descriptor },
        },
      ]
    : [];

/** A call that is not made is denied at once, though its agent hears of it when the calls beside it have ended. */
function respond({ toolCallId, asked }: OpenCall, approved: boolean, reason: string | undefined): Chunk[] {
  if (!asked) return [];
  asked.approved = approved;
  const why = asked.descriptor.decision === "expired" ? "Nobody has answered in time." : reason;
  const said = { approvalId: asked.id, approved, ...(why !== undefined && { reason: why }) };
  const denial: Chunk[] = approved ? [] : [{ type: "tool-output-denied", toolCallId }];
  return [{ type: "tool-approval-response", ...said }, ...denial];
}

/** The part shows what is called; what the model wanted is in the descriptor. */
function changeInput(call: OpenCall, input: unknown): Chunk[] {
  if (input === undefined) return [];
  if (call.asked) call.asked.descriptor.modelInput = call.input;
  call.input = input;
  return [inputOf(call)];
}

interface Failure {
  toolCallId: string;
  call: OpenCall | undefined;
  errorText: string;
  toolMetadata?: ReturnType<typeof callMetadata>;
}

/** A call that nobody has approved was not made: for the AI SDK it was denied, whatever the reason. */
function failureOf({ call, ...end }: Failure): Chunk[] {
  if (!call?.asked || call.asked.approved)
    return [...(call ? withdraw(call) : []), { type: "tool-output-error", ...end }];
  return call.asked.approved === undefined ? respond(call, false, end.errorText) : [];
}

/** Nobody waits for its parts any more. */
const withdraw = ({ openParts }: OpenCall): Chunk[] =>
  [...openParts.values()].map((part) => partOf({ ...part, over: true }));

function callMetadata({ path, ...call }: CallMetadata) {
  const { status, attempts, startedAt, durationMs, truncated } = call;
  return {
    path: [...path],
    ...(status && { status, attempts, startedAt, durationMs, truncated }),
  };
}
