import { CancelledError, TerminalError } from "@restatedev/restate-sdk/lambda";
import type { CallResult } from "../call/index.ts";
import type { RunLog } from "../events/index.ts";
import { cleanMessage } from "../runtime/index.ts";
import type { TurnUsage } from "./budget.ts";
import type { TimedReply } from "./models/request.ts";
import type { Call, Message } from "./models/seam.ts";
import type { AgentOutput } from "./output.ts";

// What an agent tells those who watch its run. All of it comes out of the journal, times too (F12).

interface Turn {
  /** From 1. */
  turn: number;
  model: string;
  reply: TimedReply;
  usage: TurnUsage;
  /** Why it is the last one. */
  limit: string | undefined;
  messages: readonly Message[];
}

export function tellTurn(
  told: RunLog,
  agent: string,
  { turn, model, reply, usage, limit, messages }: Turn,
): void {
  const [first] = messages;
  if (turn === 1 && first?.role === "user")
    told.tell({ type: "run-began", at: reply.startedAt, agent, model, message: first.text });
  if (limit) told.tell({ type: "limit-reached", at: reply.startedAt, limit });
  const { text, calls, finishReason } = reply;
  const { model: other, ...used } = usage;
  const by = other !== undefined && { model: other };
  told.tell(
    { type: "turn-began", at: reply.startedAt, turn, ...by },
    {
      type: "turn-ended",
      at: reply.endedAt,
      turn,
      text,
      calls: calls.length,
      finishReason,
      usage: used,
      ...by,
    },
  );
}

export function tellIssued(told: RunLog, calls: readonly Call[], at: number): void {
  told.tell(...calls.map(({ id, tool, input }) => ({ type: "call-issued", at, id, tool, input }) as const));
}

/** Tells how calls ended; what came of them is told by their own functions. */
export function tellEnded(told: RunLog, results: readonly CallResult[], at: number): void {
  told.tell(
    ...results.map(({ input: _, output: __, ...result }) => ({ type: "call-ended", at, ...result }) as const),
  );
}

/** Tells how a run ends. */
export async function tellingOutcome<Answer>(
  told: RunLog,
  run: () => Promise<AgentOutput<Answer>>,
): Promise<AgentOutput<Answer>> {
  try {
    const output = await run();
    const { perTurn: _, ...usage } = output.usage;
    told.tell({ type: "run-ended", ...output, toolCalls: output.toolCalls.length, usage });
    told.flush();
    return output;
  } catch (error) {
    if (error instanceof TerminalError) {
      told.tell(
        error instanceof CancelledError
          ? { type: "run-cancelled" }
          : { type: "run-failed", code: error.code, message: cleanMessage(error) },
      );
      told.flush();
    }
    // F13: a cancellation too.
    throw error;
  }
}
