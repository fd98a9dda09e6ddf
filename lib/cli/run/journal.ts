import { CONTINUATION, callsAskedFor } from "../../agent/index.ts";
import { callField } from "../../call/index.ts";
import { type Admin, failureReason, query } from "../../restate/index.ts";
import { cleanMessage } from "../../runtime/index.ts";

/** A row of `sys_invocation`. */
export interface InvocationRow {
  id: string;
  status: string;
  created_at: string;
  running_at?: string;
  completed_at?: string;
  completion_result?: "success" | "failure";
  completion_failure?: string;
  last_failure?: string;
}

/** A row of `sys_journal`. */
export interface JournalRow {
  entry_type: string;
  appended_at: string;
  entry_json?: string;
}

/** A run as Restate's tables have it. */
export interface RunTables {
  /** The run and its calls, by id. */
  invocations: Map<string, InvocationRow>;
  /** In order; of a long run that went on in others, all of theirs. */
  journal: JournalRow[];
  /** The invocation that does the run's work now: the run itself, or the one in which it went on. */
  current: string;
}

/**
 * Reads a run, its calls and its journal from Restate's introspection tables. It invokes no function.
 * @see https://docs.restate.dev/references/sql-introspection
 */
export async function readTables(admin: Admin, invocationId: string): Promise<RunTables> {
  const { invocations, journal } = await readInvocation(admin, invocationId);
  const rest = journal.map(continuationOf).find((id) => id !== undefined);
  if (rest === undefined) return { invocations, journal, current: invocationId };
  const continued = await readTables(admin, rest);
  return {
    invocations: new Map([...invocations, ...continued.invocations]),
    journal: [...journal.filter((row) => continuationOf(row) === undefined), ...continued.journal],
    current: continued.current,
  };
}

async function readInvocation(
  admin: Admin,
  invocationId: string,
): Promise<Pick<RunTables, "invocations" | "journal">> {
  const [invocations, journal] = await Promise.all([
    query<InvocationRow>(
      admin,
      `SELECT id, status, created_at, running_at, completed_at, completion_result, completion_failure, last_failure
       FROM sys_invocation WHERE id = '${invocationId}' OR invoked_by_id = '${invocationId}'`,
    ),
    query<JournalRow>(
      admin,
      `SELECT entry_type, appended_at,
         CASE WHEN entry_type IN ('Command: Call', 'Notification: Run') THEN entry_json END AS entry_json
       FROM sys_journal WHERE id = '${invocationId}' ORDER BY index`,
    ),
  ]);
  return { invocations: new Map(invocations.map((row) => [row.id, row])), journal };
}

/**
 * Reads the journal's JSON of a finished model step: the reply as an array of bytes, or the failure.
 * @returns how many calls the reply asks for; 0 for a failure.
 */
export function readReply(entryJson = "{}"): { asked: number; failure?: string } {
  const result = JSON.parse(entryJson)?.Notification?.Completion?.Run?.result;
  if (result?.Failure) return { asked: 0, failure: firstLine(result.Failure.message) };
  return { asked: callsAskedFor(Buffer.from(result?.Success ?? [])) };
}

/** The invocation in which a long run goes on; undefined for every other entry. */
function continuationOf({ entry_type, entry_json = "{}" }: JournalRow): string | undefined {
  if (entry_type !== "Command: Call") return undefined;
  const request = requestIn(entry_json);
  return request?.invocation_target?.Service?.handler === CONTINUATION ? request.invocation_id : undefined;
}

/** Reads the journal's JSON of a call: the target, the headers, and the parameter as an array of bytes. */
export function readCall(entryJson = "{}"): {
  id: string;
  tool: string;
  input: unknown;
  invocationId: string;
} {
  const request = requestIn(entryJson);
  const parameter = Buffer.from(request?.parameter ?? []).toString();
  const headers = new Map(request?.headers?.map(({ name, value }) => [name, value]));
  return {
    id: callField(headers, "call") ?? "",
    invocationId: request?.invocation_id ?? "",
    tool: request?.invocation_target?.Service?.name ?? "?",
    input: parameter === "" ? undefined : JSON.parse(parameter),
  };
}

interface CallRequest {
  invocation_id?: string;
  invocation_target?: { Service?: { name?: string; handler?: string } };
  headers?: { name: string; value: string }[];
  parameter?: number[];
}

const requestIn = (entryJson: string): CallRequest | undefined =>
  JSON.parse(entryJson)?.Command?.Call?.request;

/** A failure in one line; `""` for none. */
export function firstLine(failure = ""): string {
  return failure === "" ? "" : cleanMessage(failureReason(failure));
}
