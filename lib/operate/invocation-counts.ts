import { type Admin, query } from "../restate/index.ts";

/** How many invocations of a service are running, and how many wait. */
export interface ServiceUse {
  running: number;
  /** For a slot, or for their next attempt. */
  waiting: number;
}

/** Counts the invocations of every service; idle ones are left out. */
export async function readUse(admin: Admin): Promise<Map<string, ServiceUse>> {
  const rows = await query<{ service: string; running: number; waiting: number }>(
    admin,
    `SELECT target_service_name AS service,
       count(*) FILTER (WHERE status = 'running') AS running,
       count(*) FILTER (WHERE status IN ('pending', 'ready', 'backing-off')) AS waiting
     FROM sys_invocation WHERE status <> 'completed' GROUP BY target_service_name`,
  );
  return new Map(rows.map(({ service, running, waiting }) => [service, { running, waiting }]));
}

/**
 * Counts the invocations that need each deployment, by its id. The first answer of a deployment pins an invocation to it;
 * until then, an invocation still needs the deployment that is running it.
 * @param deploymentId counts only this deployment's. Default: all.
 */
export async function readRunsInFlight(admin: Admin, deploymentId?: string): Promise<Map<string, number>> {
  const rows = await query<{ deployment?: string; count: number }>(
    admin,
    `SELECT deployment, count(*) AS count FROM (
       SELECT coalesce(
         pinned_deployment_id,
         CASE WHEN status = 'running' THEN last_attempt_deployment_id END
       ) AS deployment
       FROM sys_invocation WHERE status <> 'completed'
     ) ${deploymentId === undefined ? "" : `WHERE deployment = '${deploymentId}'`} GROUP BY deployment`,
  );
  return new Map(rows.flatMap(({ deployment, count }) => (deployment ? [[deployment, count]] : [])));
}
