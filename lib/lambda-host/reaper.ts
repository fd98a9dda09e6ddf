import { totalmem } from "node:os";
import type { Registry } from "./registry.ts";

/** How long a free environment is kept; AWS does not document its own time, which is usually some minutes. */
export const IDLE_MS = 5 * 60 * 1000;
/**
 * The share of the machine's memory that free environments may hold. Measured on Linux: a tool's holds 38–60 MiB of its
 * own, an agent's 60–115, beside some 50 that all share; so 8 GiB keep about 15 of them free, 32 GiB about 60.
 */
const SHARE = 1 / 8;

/** In MiB. A container's limit counts where it is lower than what the machine has. */
function idleBoundMb(): number {
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return (Math.min(totalmem(), limit) * SHARE) / 1024 / 1024;
}

/** Ends environments that have been free for too long, and the longest free of those that hold too much memory together. */
export function reapIdle(
  registry: Pick<Registry, "pools">,
  now = performance.now(),
  boundMb = idleBoundMb(),
): void {
  const idle = registry.pools
    .flatMap((pool) => pool.idle.map((environment) => ({ pool, environment })))
    .sort((a, b) => b.environment.idleSince - a.environment.idleSince);
  let heldMb = 0;
  for (const { pool, environment } of idle) {
    heldMb += environment.frozenMb;
    if (heldMb > boundMb || now - environment.idleSince > IDLE_MS) pool.reap(environment);
  }
}
