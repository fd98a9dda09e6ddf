import { type Admin, query, request } from "./admin.ts";

/** What a Restate server is and can do. */
export interface ServerVersion {
  version: string;
  /** Service protocol v7: an agent is woken once per fan-out; on v6, up to once per call. */
  protocolV7: boolean;
  /** Whether it enforces limits on scopes: it needs flow control (vqueues) and service protocol v7. */
  scopes: boolean;
}

/** Asks the server for its version and features. */
export async function readVersion(admin: Admin): Promise<ServerVersion> {
  const { version, features } = await request<{ version: string; features?: Record<string, boolean> }>(
    admin,
    { what: "The version", path: "/version" },
  );
  const protocolV7 = features?.protocol_v7 === true;
  return { version, protocolV7, scopes: protocolV7 && features?.vqueues === true };
}

/** Whether the server enforces limits on scopes. */
export async function hasScopes(admin: Admin): Promise<boolean> {
  return (await readVersion(admin)).scopes;
}

/**
 * Limits how many invocations of each scope run at once across the whole cluster; the limits of other scopes stay as they
 * are. Needs a server with flow control.
 * @see https://docs.restate.dev/services/flow-control
 */
export async function limitScopes(admin: Admin, limits: ReadonlyMap<string, number>): Promise<void> {
  const rules = [...limits].map(([scope, concurrency]) => ({
    pattern: scope,
    limits: { concurrency },
    description: `maxConcurrency of ${scope}`,
    disabled: false,
    precondition: { type: "none" },
  }));
  if (rules.length === 0) return;
  await request(admin, { what: "Limiting concurrency", path: "/limits/rules", method: "PUT", body: rules });
}

/** Removes a scope's limit, if it has one. */
export async function unlimitScope(admin: Admin, scope: string): Promise<void> {
  await request(admin, {
    what: `Removing the limit of ${scope}`,
    path: "/limits/rules/bulk-delete",
    method: "POST",
    body: [{ pattern: scope }],
  });
}

/** The limit of each scope that has one. */
export async function readLimits(admin: Admin): Promise<Map<string, number>> {
  const rules = await query<{ pattern: string; concurrency?: number }>(
    admin,
    "SELECT pattern, concurrency FROM sys_rules WHERE NOT disabled AND concurrency IS NOT NULL",
  );
  return new Map(rules.map(({ pattern, concurrency }) => [pattern, concurrency as number]));
}

/** How many invocations hold a slot of each scope right now. */
export async function readScopeUse(admin: Admin): Promise<Map<string, number>> {
  const uses = await query<{ scope: string; usage: number }>(
    admin,
    "SELECT scope, sum(usage) AS usage FROM sys_user_limits WHERE level = 'Scope' GROUP BY scope",
  );
  return new Map(uses.map(({ scope, usage }) => [scope, usage]));
}
