import { type Admin, failureReason, query } from "../../restate/index.ts";
import { cleanMessage } from "../../runtime/index.ts";

/** How far one call is. */
export interface CallProgress {
  id: string;
  tool: string;
  input: unknown;
  state: "waiting" | "running" | "retrying" | "ok" | "failed";
  /** Why it failed, or why its last try did. */
  failure?: string;
  /** All times are ms since the epoch, by the server's clock. */
  issuedAt: number;
  startedAt?: number;
  endedAt?: number;
}

/** One model call and the fan-out after it. */
export interface TurnProgress {
  startedAt: number;
  /** When the model had replied, or had failed for good. */
  repliedAt?: number;
  /** Why the model's last try failed. */
  failure?: string;
  /** How many calls the model asked for; `calls` has those that were issued. */
  asked: number;
  calls: CallProgress[];
}

/** What Restate knows of a run. */
export interface RunProgress {
  startedAt: number;
  endedAt?: number;
  turns: TurnProgress[];
}

interface InvocationRow {
  id: string;
  status: string;
  created_at: string;
  running_at?: string;
  completed_at?: string;
  completion_result?: "success" | "failure";
  completion_failure?: string;
  last_failure?: string;
}

interface JournalRow {
  entry_type: string;
  name?: string;
  appended_at: string;
  entry_json?: string;
}

/**
 * Reads a run's progress from Restate's introspection tables: no invocation of any function, no cooperation of the agent.
 * @see https://docs.restate.dev/references/sql-introspection
 */
export async function readProgress(admin: Admin, invocationId: string): Promise<RunProgress | undefined> {
  const [invocations, journal] = await Promise.all([
    query<InvocationRow>(
      admin,
      `SELECT id, status, created_at, running_at, completed_at, completion_result, completion_failure, last_failure
       FROM sys_invocation WHERE id = '${invocationId}' OR invoked_by_id = '${invocationId}'`,
    ),
    query<JournalRow>(
      admin,
      `SELECT entry_type, name, appended_at,
         CASE WHEN entry_type IN ('Command: Call', 'Notification: Run') THEN entry_json END AS entry_json
       FROM sys_journal WHERE id = '${invocationId}' ORDER BY index`,
    ),
  ]);
  const run = invocations.find(({ id }) => id === invocationId);
  return run && toProgress(run, new Map(invocations.map((row) => [row.id, row])), journal);
}

function toProgress(
  run: InvocationRow,
  invocations: Map<string, InvocationRow>,
  journal: JournalRow[],
): RunProgress {
  const startedAt = Date.parse(run.created_at);
  const turns: TurnProgress[] = [];
  for (const row of journal) {
    if (row.entry_type === "Notification: Run") {
      turns.push({
        startedAt: lastEnd(turns) ?? startedAt,
        repliedAt: Date.parse(row.appended_at),
        ...readReply(row.entry_json),
        calls: [],
      });
    } else if (row.entry_type === "Command: Call") {
      turns.at(-1)?.calls.push(toCall(row, invocations));
    }
  }
  if (run.completed_at) return { startedAt, endedAt: Date.parse(run.completed_at), turns };
  // The journal shows a model turn only when it is over.
  if (leadsToModel(turns.at(-1))) {
    turns.push({
      startedAt: lastEnd(turns) ?? startedAt,
      asked: 0,
      calls: [],
      ...(run.last_failure && { failure: firstLine(run.last_failure) }),
    });
  }
  return { startedAt, turns };
}

/** Whether the model is being asked after this turn: all its calls are over, and it is not the run's last. */
function leadsToModel(turn: TurnProgress | undefined): boolean {
  if (turn === undefined) return true;
  return (
    turn.asked > 0 &&
    turn.calls.length === turn.asked &&
    turn.calls.every(({ endedAt }) => endedAt !== undefined)
  );
}

function lastEnd(turns: TurnProgress[]): number | undefined {
  const last = turns.at(-1);
  return last && Math.max(last.repliedAt ?? 0, ...last.calls.map(({ endedAt }) => endedAt ?? 0));
}

function toCall(row: JournalRow, invocations: Map<string, InvocationRow>): CallProgress {
  const { tool, input, invocationId } = readCall(row.entry_json);
  const invocation = invocations.get(invocationId);
  const failure = firstLine(invocation?.completion_failure ?? invocation?.last_failure);
  return {
    id: row.name ?? "",
    tool,
    input,
    state: toState(invocation),
    issuedAt: Date.parse(row.appended_at),
    ...(failure && { failure }),
    ...(invocation?.running_at && { startedAt: Date.parse(invocation.running_at) }),
    ...(invocation?.completed_at && { endedAt: Date.parse(invocation.completed_at) }),
  };
}

function toState(invocation: InvocationRow | undefined): CallProgress["state"] {
  if (invocation?.completed_at) return invocation.completion_result === "success" ? "ok" : "failed";
  if (invocation?.status === "backing-off") return "retrying";
  return invocation?.running_at ? "running" : "waiting";
}

function firstLine(failure = ""): string {
  return failure === "" ? "" : cleanMessage(failureReason(failure));
}

/** The journal's own JSON of a model step's end: the reply as an array of bytes, or why there is none. */
function readReply(entryJson = "{}"): Pick<TurnProgress, "asked" | "failure"> {
  const result = JSON.parse(entryJson)?.Notification?.Completion?.Run?.result;
  if (result?.Failure) return { asked: 0, failure: firstLine(result.Failure.message) };
  const reply = JSON.parse(Buffer.from(result?.Success ?? []).toString() || "{}");
  return { asked: reply?.calls?.length ?? 0 };
}

/** The journal's own JSON of a call: the target, and the parameter as an array of bytes. */
function readCall(entryJson = "{}"): { tool: string; input: unknown; invocationId: string } {
  const request = JSON.parse(entryJson)?.Command?.Call?.request;
  const parameter = Buffer.from(request?.parameter ?? []).toString();
  return {
    invocationId: request?.invocation_id ?? "",
    tool: request?.invocation_target?.Service?.name ?? "?",
    input: parameter === "" ? undefined : JSON.parse(parameter),
  };
}
