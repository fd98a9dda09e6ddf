import type { Registry } from "./registry.ts";

/** How long a free environment is kept; AWS does not document its own time, which is usually some minutes. */
export const IDLE_MS = 5 * 60 * 1000;
/** Free environments kept over all functions: at some 40 MB of their own each, what a laptop can spare. */
export const MAX_IDLE = 64;

/** Ends environments that have been free for too long, and the longest free of too many. */
export function reapIdle(registry: Pick<Registry, "pools">, now = performance.now()): void {
  const idle = registry.pools
    .flatMap((pool) => pool.idle.map((environment) => ({ pool, environment })))
    .sort((a, b) => b.environment.idleSince - a.environment.idleSince);
  for (const [index, { pool, environment }] of idle.entries())
    if (index >= MAX_IDLE || now - environment.idleSince > IDLE_MS) pool.reap(environment);
}
