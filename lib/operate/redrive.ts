import { type Admin, query } from "../restate/admin.ts";
import { readDeployments } from "../restate/deployments.ts";
import { cancelInvocation, resumeInvocation } from "../restate/invocations.ts";
import { failureReason } from "./failure-reason.ts";
import { splitArn } from "./functions.ts";
import type { Installation } from "./installation.ts";
import { type Roster, servicesOf } from "./services.ts";

/** What is tried more often than this is stuck: a passing fault is over by then. */
export const MANY_TRIES = 5;
/** What backs off and has made no progress for this long is stuck, in seconds. */
export const LONG_SECONDS = 60;

/** An invocation that does not get on by itself, or not soon. */
export interface StuckRun {
  id: string;
  service: string;
  handler: string;
  state: "paused" | "retrying";
  /** When it made its last progress; when it was paused. ISO 8601. */
  since: string;
  /** Attempts so far; undefined for a paused one, whose attempts Restate does not keep. */
  tries: number | undefined;
  /** Why its last attempt failed, in one line. */
  reason: string;
}

interface Row {
  id: string;
  target_service_name: string;
  target_handler_name: string;
  status: string;
  modified_at: string;
  retry_count?: number;
  last_failure?: string;
}

/** Lists the installation's invocations that are paused, or that fail again and again. The oldest come first. */
export async function readStuckRuns(installation: Installation, roster: Roster): Promise<StuckRun[]> {
  const { admin } = installation;
  const services = await ownServices(installation, roster);
  const rows = await query<Row>(
    admin,
    `SELECT id, target_service_name, target_handler_name, status, modified_at, retry_count, last_failure
     FROM sys_invocation
     WHERE target_service_name IN (${services.map((name) => `'${name}'`).join(", ")}) AND (
       status = 'paused'
       OR (status IN ('backing-off', 'running') AND retry_count > ${MANY_TRIES})
       OR (status = 'backing-off' AND modified_at < now() - INTERVAL '${LONG_SECONDS} seconds')
     ) ORDER BY modified_at`,
  );
  const paused = rows.filter(({ status }) => status === "paused");
  const reasons = await readPauses(
    admin,
    paused.map(({ id }) => id),
  );
  return rows.map((row) => ({
    id: row.id,
    service: row.target_service_name,
    handler: row.target_handler_name,
    state: row.status === "paused" ? "paused" : "retrying",
    since: row.modified_at,
    tries: row.status === "paused" ? undefined : row.retry_count,
    reason:
      reasons.get(row.id) ?? (row.last_failure ? failureReason(row.last_failure) : "no failure is known"),
  }));
}

/** Those of the roster, and those that were in it when something was registered. */
async function ownServices(installation: Installation, roster: Roster): Promise<string[]> {
  const registered = (await readDeployments(installation.admin))
    .filter(({ arn }) => splitArn(arn ?? "").functionName.startsWith(`${installation.name}-`))
    .flatMap(({ services }) => services);
  return [...new Set([...servicesOf(roster, installation).map(({ name }) => name), ...registered])];
}

/** Why each invocation was paused. Restate forgets the last failure then, but keeps the event. */
async function readPauses(admin: Admin, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const events = await query<{ id: string; event_json: string }>(
    admin,
    `SELECT id, event_json FROM sys_journal_events
     WHERE event_type = 'Paused' AND id IN (${ids.map((id) => `'${id}'`).join(", ")}) ORDER BY appended_at`,
  );
  return new Map(
    events.map(({ id, event_json }) => {
      const { last_failure: failure } = JSON.parse(event_json) as {
        last_failure?: { error_message: string };
      };
      return [id, failure ? failureReason(failure.error_message) : "a person paused it"];
    }),
  );
}

/** What is to become of stuck runs. */
export type Remedy = { kind: "resume"; onLatest: boolean } | { kind: "cancel" };

/**
 * Resumes or cancels one run.
 * @throws Error in a person's words when there is no such run, it has ended or cannot be resumed.
 */
export async function redrive({ admin }: Installation, id: string, remedy: Remedy): Promise<void> {
  await (remedy.kind === "cancel" ? cancelInvocation(admin, id) : resumeInvocation(admin, id, remedy));
}
