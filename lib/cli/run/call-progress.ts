import type { Approval } from "../../events/index.ts";
import { firstLine, type JournaledEnd, type JournalRow, type Report, readCall } from "./journal.ts";
import type { InvocationRow } from "./tables.ts";

/** A call, or a part of one, that needed an approval. Times are ms since the epoch. */
export interface AskedCall {
  approval: string;
  tool: string;
  input: unknown;
  at: number;
  /** Until when it waits. */
  expiresAt: number;
  /** What became of the question; undefined while it waits. */
  answer?: {
    at: number;
    decision: Approval["decision"];
    by?: string | undefined;
    reason?: string | undefined;
  };
}

/** How far one call is; what its service has reported is there where outputs were asked for. */
export interface CallProgress extends Partial<Report> {
  id: string;
  tool: string;
  input: unknown;
  state: "waiting" | "running" | "retrying" | "ok" | "failed";
  /** Why it failed, or why its last attempt did. */
  failure?: string;
  /** All times are ms since the epoch, by the server's clock. */
  issuedAt: number;
  startedAt?: number;
  endedAt?: number;
  /** Where it was told: what of it somebody was asked to approve. */
  asks?: AskedCall[];
}

/** What of a call waits for an approval now. */
export const openAsks = ({ asks = [], endedAt }: CallProgress): AskedCall[] =>
  endedAt === undefined ? asks.filter(({ answer }) => answer === undefined) : [];

/**
 * Reads a call's progress.
 * @param row the call in the run's journal.
 * @param invocations by id; a call that Restate has not begun is missing.
 * @param ends by the completion id of the call.
 */
export function toCall(
  row: JournalRow,
  invocations: ReadonlyMap<string, InvocationRow>,
  ends: ReadonlyMap<number | undefined, JournaledEnd>,
): CallProgress {
  const { id, tool, input, invocationId, completionId } = readCall(row.entry_json);
  const invocation = invocations.get(invocationId);
  const end = ends.get(completionId);
  const issuedAt = Date.parse(row.appended_at);
  // Restate forgets the call of a run's object, through which calls are made that need an approval, at its end.
  if (!invocation && end) return { id, tool, input, issuedAt, ...endOf(end) };
  const failure = firstLine(invocation?.completion_failure ?? invocation?.last_failure);
  return {
    id,
    tool,
    input,
    state: toState(invocation),
    issuedAt,
    ...(failure && { failure }),
    ...(invocation?.running_at && { startedAt: Date.parse(invocation.running_at) }),
    ...(invocation?.completed_at && { endedAt: Date.parse(invocation.completed_at) }),
    ...end?.report,
  };
}

const endOf = ({ report, startedAt, endedAt, failure }: JournaledEnd) => ({
  state: failure === undefined ? ("ok" as const) : ("failed" as const),
  ...(startedAt !== undefined && { startedAt }),
  endedAt,
  ...(failure !== undefined && { failure }),
  ...report,
});

function toState(invocation: InvocationRow | undefined): CallProgress["state"] {
  if (invocation?.completed_at) return invocation.completion_result === "success" ? "ok" : "failed";
  if (invocation?.status === "backing-off") return "retrying";
  return invocation?.running_at ? "running" : "waiting";
}
