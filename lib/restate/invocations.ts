import { type Admin, AdminError, query, request } from "./admin.ts";

/** An invocation that has not ended. */
interface UnfinishedInvocation {
  id: string;
  service: string;
  /** The deployment that it needs, as soon as one is running it or has answered. */
  deploymentId: string | undefined;
}

/** Reads every invocation that has not ended, oldest first. */
export async function readUnfinished(admin: Admin): Promise<UnfinishedInvocation[]> {
  const rows = await query<{ id: string; service: string; deployment?: string }>(
    admin,
    `SELECT id, target_service_name AS service, coalesce(
       pinned_deployment_id,
       CASE WHEN status = 'running' THEN last_attempt_deployment_id END
     ) AS deployment
     FROM sys_invocation WHERE status <> 'completed' ORDER BY created_at`,
  );
  return rows.map(({ id, service, deployment }) => ({ id, service, deploymentId: deployment }));
}

/**
 * Reads the invocations, other than calls of other invocations, that a server took over when it started: those that have not
 * ended, and those that have ended since.
 * @param startedAt when the server was started, by this machine's clock.
 */
export async function readTakenOver(
  admin: Admin,
  startedAt: Date,
): Promise<Pick<UnfinishedInvocation, "id" | "service">[]> {
  const start = `to_timestamp_millis(${startedAt.getTime()})`;
  return query(
    admin,
    `SELECT id, target_service_name AS service FROM sys_invocation
     WHERE invoked_by_id IS NULL AND created_at < ${start}
       AND (status <> 'completed' OR completed_at >= ${start}) ORDER BY created_at`,
  );
}

/**
 * Cancels an invocation and the calls it waits for.
 * @throws Error in plain words when there is no such invocation, or it has ended.
 */
export async function cancelInvocation(admin: Admin, id: string): Promise<void> {
  await change(admin, id, "cancel", `Cancelling ${id}`);
}

/**
 * Kills an invocation and the calls it waits for: none of their code is asked, so it also ends what cannot go on. What a function
 * is doing at that moment it does to its end.
 * @throws Error in plain words when there is no such invocation, or it has ended.
 */
export async function killInvocation(admin: Admin, id: string): Promise<void> {
  await change(admin, id, "kill", `Killing ${id}`);
}

/** Whether an invocation has ended; one that is not known has. */
export async function hasEnded(admin: Admin, id: string): Promise<boolean> {
  const rows = await query(
    admin,
    `SELECT id FROM sys_invocation WHERE id = '${id}' AND status <> 'completed'`,
  );
  return rows.length === 0;
}

/**
 * Resumes a paused invocation, or immediately retries one that is backing off.
 * @param options `onLatest`: on the deployment that new calls go to, instead of the one it began on.
 * @throws Error in plain words when there is no such invocation, or it has ended or cannot be resumed.
 */
export async function resumeInvocation(
  admin: Admin,
  id: string,
  { onLatest }: { onLatest: boolean },
): Promise<void> {
  await change(admin, id, onLatest ? "resume?deployment=latest" : "resume", `Resuming ${id}`);
}

async function change(admin: Admin, id: string, action: string, what: string): Promise<void> {
  const path = `/invocations/${encodeURIComponent(id)}/${action}`;
  try {
    await request(admin, { what, path, method: "PATCH" });
  } catch (error) {
    const status = error instanceof AdminError ? error.status : undefined;
    if (status === 404 || status === 400) throw new Error(`There is no run "${id}" at ${admin.url}.`);
    if (status === 409) throw new Error(`The run ${id} has ended already.`);
    throw error;
  }
}
