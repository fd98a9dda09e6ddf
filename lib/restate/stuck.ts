import { type Admin, query } from "./admin.ts";
import { failureReason } from "./failure-reason.ts";
import { readVersion } from "./scopes.ts";

/** An invocation with more attempts than this is stuck: a passing fault is over by then. */
export const MANY_TRIES = 5;
/** An invocation that backs off and has made no progress for this long is stuck, in seconds. */
const LONG_SECONDS = 60;

/** An invocation that makes no progress by itself, or not soon. */
export interface StuckRun {
  id: string;
  service: string;
  handler: string;
  state: "paused" | "retrying";
  /** When it last made progress or was paused, in ISO 8601. */
  since: string;
  /** Attempts so far; undefined for a paused one, as Restate does not keep its count. */
  tries: number | undefined;
  /** Why its last attempt failed, as the server has it. */
  reason: string;
}

interface Row {
  id: string;
  service: string;
  handler: string;
  status: string;
  modified_at: string;
  tries?: number;
  last_failure?: string;
}

/** Lists the invocations of these services that are paused, or that fail again and again. The oldest come first. */
export async function readStuck(admin: Admin, services: readonly string[]): Promise<StuckRun[]> {
  const { scopes: flowControl } = await readVersion(admin);
  const rows = await query<Row>(admin, stuckQuery(services, flowControl));
  const unexplained = rows.filter((row) => row.last_failure === undefined).map(({ id }) => id);
  const failures = await readFailures(admin, unexplained);
  return rows.map(({ id, service, handler, status, modified_at: since, tries, last_failure: failure }) => ({
    id,
    service,
    handler,
    state: status === "paused" ? "paused" : "retrying",
    since,
    tries: status === "paused" ? undefined : tries,
    reason: failure ? failureReason(failure) : (failures.get(id) ?? "no failure is known"),
  }));
}

/**
 * With flow control, an invocation that backs off for long gives its slot back: it is then `ready`, and only its entry in
 * the queue has the number of attempts.
 */
function stuckQuery(services: readonly string[], flowControl: boolean): string {
  const tries = flowControl
    ? "coalesce(i.retry_count, q.retry_count_since_last_stored_command)"
    : "i.retry_count";
  const backsOff = flowControl
    ? "(i.status = 'backing-off' OR (i.status = 'ready' AND q.status = 'backing-off'))"
    : "i.status = 'backing-off'";
  return `SELECT i.id AS id, i.target_service_name AS service, i.target_handler_name AS handler,
      i.status AS status, i.modified_at AS modified_at, ${tries} AS tries, i.last_failure AS last_failure
    FROM sys_invocation i ${flowControl ? "LEFT JOIN sys_vqueue_entry_status q ON i.id = q.entry_id" : ""}
    WHERE i.target_service_name IN (${list(services)}) AND (
      i.status = 'paused'
      OR (${tries} > ${MANY_TRIES} AND (${backsOff} OR i.status = 'running'))
      OR (${backsOff} AND i.modified_at < now() - INTERVAL '${LONG_SECONDS} seconds')
    ) ORDER BY i.modified_at`;
}

const list = (texts: readonly string[]) => texts.map((text) => `'${text}'`).join(", ");

/** Why each invocation last failed, from its events: Restate forgets the reason when it is paused or waits long. */
async function readFailures(admin: Admin, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const events = await query<{ id: string; event_type: string; event_json: string }>(
    admin,
    `SELECT id, event_type, event_json FROM sys_journal_events
     WHERE event_type IN ('Paused', 'TransientError') AND id IN (${list(ids)}) ORDER BY appended_at`,
  );
  return new Map(events.map(({ id, event_type, event_json }) => [id, whatHappened(event_type, event_json)]));
}

function whatHappened(type: string, json: string): string {
  const event = JSON.parse(json) as { error_message?: string; last_failure?: { error_message: string } };
  const message = event.error_message ?? event.last_failure?.error_message;
  if (message !== undefined) return failureReason(message);
  return type === "Paused" ? "a person paused it" : "no failure is known";
}
