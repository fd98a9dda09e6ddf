import type { Command } from "commander";
import { type Fault, parseFault, type UpstreamName } from "../../sandbox/index.ts";
import { asUsage } from "../arguments.ts";

type FaultFlags = Partial<Record<UpstreamName, Partial<Fault>>>;

/** What `start` and `up` take. */
export interface PlatformFlags {
  /** Real upstreams instead of the sandbox's. */
  online?: boolean;
  /** The sandbox's model even where there is a key for a real one. */
  offline?: boolean;
  fault?: FaultFlags;
  /** Deploys again when files change. */
  watch: boolean;
  /** Begins without the runs and the state of earlier platforms. */
  fresh?: boolean;
}

export function addPlatformFlags(command: Command): Command {
  return command
    .option("--offline", "use the sandbox's model even where there is an API key for a real one")
    .option("--online", "use the real weather, rates, quotes, search and database instead of the sandbox's")
    .option(
      "--fault <upstream:field=value,…>",
      "make a sandbox upstream misbehave, such as finnhub:rateLimitRate=1 or openai:latencyMs=2000 (repeatable)",
      asUsage(readFault),
    )
    .option("--fresh", "begin without the runs and the state that earlier platforms left in .fanout/data")
    .option("--no-watch", "do not deploy again when files under functions/, lib/ or bin/ change");
}

/**
 * Adds one more `--fault`, such as `finnhub:rateLimitRate=1`, to those that were read before.
 * @throws TypeError for a flag that cannot be read.
 */
export function readFault(flag: string, before: FaultFlags = {}): FaultFlags {
  const { upstream, fault } = parseFault(flag);
  return { ...before, [upstream]: { ...before[upstream], ...fault } };
}
