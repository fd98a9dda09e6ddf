import { type Admin, query } from "../../restate/index.ts";
import { continuationOf, type JournalRow } from "./journal.ts";

/** A row of `sys_invocation`. */
export interface InvocationRow {
  id: string;
  /** The service. */
  service?: string;
  status: string;
  created_at: string;
  running_at?: string;
  completed_at?: string;
  completion_result?: "success" | "failure";
  completion_failure?: string;
  last_failure?: string;
}

/** A run as Restate's tables have it. */
export interface RunTables {
  /** The run and its calls, by id. */
  invocations: Map<string, InvocationRow>;
  /** The run's journal, in order, and those of the runs in which a long one went on. */
  journals: JournalRow[][];
  /** The invocation that does the run's work now: the run itself, or the one in which it went on. */
  current: string;
}

/** The entries whose content tells how far a run is. */
const PROGRESS = ["Command: Call", "Notification: Run"];
/** The same with what went into it and what came out. */
const RECORD = [...PROGRESS, "Notification: Call", "Command: Input", "Command: Output"];

/**
 * Reads a run, its calls and its journal from Restate's introspection tables. It invokes no function.
 * @param options `whole`: also inputs and outputs.
 * @see https://docs.restate.dev/references/sql-introspection
 */
export async function readTables(
  admin: Admin,
  invocationId: string,
  options: { whole: boolean },
): Promise<RunTables> {
  const { invocations, journal } = await readInvocation(admin, invocationId, options);
  const rest = journal.map(continuationOf).find((id) => id !== undefined);
  const own = journal.filter((row) => continuationOf(row) === undefined);
  if (rest === undefined) return { invocations, journals: [own], current: invocationId };
  const { invocations: later, journals, current } = await readTables(admin, rest, options);
  return { invocations: new Map([...invocations, ...later]), journals: [own, ...journals], current };
}

async function readInvocation(
  admin: Admin,
  invocationId: string,
  { whole }: { whole: boolean },
): Promise<Pick<RunTables, "invocations"> & { journal: JournalRow[] }> {
  const types = (whole ? RECORD : PROGRESS).map((type) => `'${type}'`).join(", ");
  const [invocations, journal] = await Promise.all([
    query<InvocationRow>(
      admin,
      `SELECT id, target_service_name AS service, status, created_at, running_at, completed_at,
         completion_result, completion_failure, last_failure
       FROM sys_invocation WHERE id = '${invocationId}' OR invoked_by_id = '${invocationId}'`,
    ),
    query<JournalRow>(
      admin,
      `SELECT entry_type, appended_at, CASE WHEN entry_type IN (${types}) THEN entry_json END AS entry_json
       FROM sys_journal WHERE id = '${invocationId}' ORDER BY index`,
    ),
  ]);
  return { invocations: new Map(invocations.map((row) => [row.id, row])), journal };
}
