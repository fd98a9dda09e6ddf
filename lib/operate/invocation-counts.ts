import { type Admin, query } from "../restate/index.ts";

/** How many invocations of a service there are, by what they do. */
export interface ServiceUse {
  running: number;
  /** Those that wait: for a slot, or for their next attempt. */
  waiting: number;
}

/** Counts what every service is doing now; idle ones are left out. */
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
 * Counts the invocations that need each deployment, by its id. An invocation is pinned to a deployment by the deployment's
 * first answer; until then the one that is running it needs it all the same.
 * @param deploymentId counts those of this deployment only. Default: of all.
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
