import { CONTINUATION, callsAskedFor } from "../../agent/index.ts";
import { type ApprovedCall, CALL_APPROVED, callField, readReport } from "../../call/index.ts";
import { failureReason } from "../../restate/index.ts";
import { cleanMessage } from "../../runtime/index.ts";

/** A row of `sys_journal`. */
export interface JournalRow {
  entry_type: string;
  appended_at: string;
  entry_json?: string;
}

/** What a command or a step came to: its value as an array of bytes, or its failure. */
interface Outcome {
  Success?: number[];
  Failure?: { message: string; metadata?: { key: string; value: string }[] };
}

/**
 * Reads the journal's JSON of a finished model step: the reply, or the failure.
 * @returns how many calls the reply asks for; 0 for a failure.
 */
export function readReply(entryJson = "{}"): { asked: number; failure?: string } {
  const result: Outcome | undefined = JSON.parse(entryJson)?.Notification?.Completion?.Run?.result;
  if (result?.Failure) return { asked: 0, failure: firstLine(result.Failure.message) };
  return { asked: callsAskedFor(Buffer.from(result?.Success ?? [])) };
}

/** The invocation in which a long run goes on; undefined for every other entry. */
export function continuationOf({ entry_type, entry_json = "{}" }: JournalRow): string | undefined {
  if (entry_type !== "Command: Call") return undefined;
  const { request } = callIn(entry_json);
  return request?.invocation_target?.Service?.handler === CONTINUATION ? request.invocation_id : undefined;
}

/** One call in a journal. */
export interface JournaledCall {
  /** The model's id of it. */
  id: string;
  tool: string;
  input: unknown;
  invocationId: string;
  /** Under which its result stands in the same journal. */
  completionId: number | undefined;
}

/** Reads the journal's JSON of a call: the target, the headers, and the parameter as an array of bytes. */
export function readCall(entryJson = "{}"): JournaledCall {
  const { request, result_completion_id: completionId } = callIn(entryJson);
  const headers = new Map(request?.headers?.map(({ name, value }) => [name, value]));
  return {
    id: callField(headers, "call") ?? "",
    ...whatIsCalled(request),
    invocationId: request?.invocation_id ?? "",
    completionId,
  };
}

/** A call that needs an approval goes to the run's object, which makes it. */
function whatIsCalled({ invocation_target: target, parameter }: NonNullable<CallEntry["request"]> = {}) {
  const input = parse(parameter);
  if (target?.VirtualObject?.handler !== CALL_APPROVED) return { tool: target?.Service?.name ?? "?", input };
  const { ask } = input as ApprovedCall;
  return { tool: ask.tool, input: ask.input };
}

interface CallEntry {
  request?: {
    invocation_id?: string;
    invocation_target?: {
      Service?: { name?: string; handler?: string };
      VirtualObject?: { handler?: string };
    };
    headers?: { name: string; value: string }[];
    parameter?: number[];
  };
  result_completion_id?: number;
}

const callIn = (entryJson: string): CallEntry => JSON.parse(entryJson)?.Command?.Call ?? {};

/** What a tool's service has reported of a call. */
export interface Report {
  /** What the tool returned; left out where it failed. */
  output?: unknown;
  /** Tries of its implementation. */
  attempts: number;
}

/** What a run's own journal says of a call's end. Times are ms since the epoch. */
export interface JournaledEnd {
  completionId: number | undefined;
  report: Report;
  /** When the tool began; undefined where nobody says. */
  startedAt?: number;
  endedAt: number;
  /** Why it failed; undefined where it did not. */
  failure?: string;
}

/** Reads the journal's JSON of a call's result. */
export function readCallResult({ entry_json = "{}", appended_at }: JournalRow): JournaledEnd {
  const completion: { completion_id?: number; result?: Outcome } | undefined =
    JSON.parse(entry_json)?.Notification?.Completion?.Call;
  const { Success: success, Failure: failure } = completion?.result ?? {};
  const startedAt = success
    ? readReport(Uint8Array.from(success)).startedAt
    : failure?.metadata?.find(({ key }) => key === "startedAt")?.value;
  return {
    completionId: completion?.completion_id,
    report: toReport(completion?.result),
    endedAt: Date.parse(appended_at),
    ...(startedAt && { startedAt: Date.parse(startedAt) }),
    ...(failure && { failure: firstLine(failure.message) }),
  };
}

function toReport({ Success: success, Failure: failure }: Outcome = {}): Report {
  if (success) {
    const { output, attempts } = readReport(Uint8Array.from(success));
    return { output, attempts };
  }
  return { attempts: Number(failure?.metadata?.find(({ key }) => key === "attempts")?.value ?? 0) };
}

/** Reads what a run was given, from its journal. @returns undefined where the journal is gone, or has other entries. */
export function readInput(journal: readonly JournalRow[]): unknown {
  return parse(entryOf(journal, "Command: Input")?.Command?.Input?.payload);
}

/** Reads what a run returned, from its journal. @returns undefined while there is nothing, and after a failure. */
export function readOutput(journal: readonly JournalRow[]): unknown {
  return parse(entryOf(journal, "Command: Output")?.Command?.Output?.result?.Success);
}

// biome-ignore lint/suspicious/noExplicitAny: the server's own JSON, of which only what is there is read.
function entryOf(journal: readonly JournalRow[], type: string): any {
  const found = journal.find(({ entry_type }) => entry_type === type);
  return JSON.parse(found?.entry_json ?? "null");
}

/** JSON as an array of bytes; undefined for none. */
function parse(bytes: readonly number[] | undefined): unknown {
  return bytes === undefined || bytes.length === 0 ? undefined : JSON.parse(Buffer.from(bytes).toString());
}

/** A failure in one line; `""` for none. */
export function firstLine(failure = ""): string {
  return failure === "" ? "" : cleanMessage(failureReason(failure));
}
