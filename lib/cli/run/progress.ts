import type { Admin } from "../../restate/index.ts";
import { type CallProgress, toCall } from "./call-progress.ts";
import { firstLine, type JournaledEnd, type JournalRow, readCallResult, readReply } from "./journal.ts";
import { type InvocationRow, type RunTables, readTables } from "./tables.ts";

/** One model call and the fan-out after it. */
export interface TurnProgress {
  startedAt: number;
  /** When the model had replied, or had failed for good. */
  repliedAt?: number;
  /** What the model has written so far, where that is told. */
  text?: string;
  /** Why the model's last attempt failed. */
  failure?: string;
  /** How many calls the model asked for; `calls` has those that were issued. */
  asked: number;
  calls: CallProgress[];
}

/** What Restate knows of a run. All times are ms since the epoch, by the server's clock. */
export interface RunProgress {
  startedAt: number;
  endedAt?: number;
  turns: TurnProgress[];
}

/** Reads a run's progress from Restate alone: the agent does nothing for it. @returns undefined for an unknown run. */
export async function readProgress(admin: Admin, invocationId: string): Promise<RunProgress | undefined> {
  const tables = await readTables(admin, invocationId, { whole: false });
  const run = tables.invocations.get(invocationId);
  return run && toProgress(run, tables);
}

export function toProgress(run: InvocationRow, { invocations, journals, current }: RunTables): RunProgress {
  const startedAt = Date.parse(run.created_at);
  const turns: TurnProgress[] = [];
  for (const journal of journals) {
    const ends = endsIn(journal);
    for (const row of journal) {
      if (row.entry_type === "Notification: Run") {
        const begun = failedTurn(turns);
        turns.push({
          startedAt: begun?.startedAt ?? lastEnd(turns) ?? startedAt,
          repliedAt: Date.parse(row.appended_at),
          ...readReply(row.entry_json),
          calls: [],
        });
      } else if (row.entry_type === "Command: Call") {
        turns.at(-1)?.calls.push(toCall(row, invocations, ends));
      }
    }
  }
  if (run.completed_at) return { startedAt, endedAt: Date.parse(run.completed_at), turns };
  // The journal shows a model turn only when it is over.
  const begun = failedTurn(turns);
  if (begun || leadsToModel(turns.at(-1))) {
    const { last_failure } = invocations.get(current) ?? run;
    const failure = last_failure ? firstLine(last_failure) : begun?.failure;
    turns.push({
      startedAt: begun?.startedAt ?? lastEnd(turns) ?? startedAt,
      asked: 0,
      calls: [],
      ...(failure && { failure }),
    });
  }
  return { startedAt, turns };
}

/** Takes away the last turn if its model has failed: in a run that goes on, another model is asked for it. */
function failedTurn(turns: TurnProgress[]): TurnProgress | undefined {
  return turns.at(-1)?.failure === undefined ? undefined : turns.pop();
}

/** What a journal says of how its calls ended, where outputs were read. */
function endsIn(journal: readonly JournalRow[]): Map<number | undefined, JournaledEnd> {
  const results = journal.filter(
    ({ entry_type, entry_json }) => entry_type === "Notification: Call" && entry_json,
  );
  return new Map(
    results.map((row) => {
      const end = readCallResult(row);
      return [end.completionId, end];
    }),
  );
}

/** Whether the model is being asked after this turn: all its calls are over, and it is not the run's last. */
export function leadsToModel(turn: TurnProgress | undefined): boolean {
  if (turn === undefined) return true;
  return (
    turn.asked > 0 &&
    turn.calls.length === turn.asked &&
    turn.calls.every(({ endedAt }) => endedAt !== undefined)
  );
}

/** When the last of these turns was over, as far as it is; undefined for none. */
export function lastEnd(turns: readonly TurnProgress[]): number | undefined {
  const last = turns.at(-1);
  return last && Math.max(last.repliedAt ?? 0, ...last.calls.map(({ endedAt }) => endedAt ?? 0));
}
