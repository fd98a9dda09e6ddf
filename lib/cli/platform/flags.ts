import type { Command } from "commander";
import { type Fault, parseFault, type StandIns, upstreamsOf } from "../../sandbox/index.ts";
import type { Project } from "../project.ts";

type FaultFlags = Readonly<Record<string, Partial<Fault>>>;

/** The flags of `start` and `up`. */
export interface PlatformFlags {
  /** Real upstreams instead of the sandbox's. */
  online?: boolean;
  /** The sandbox's model even if there is a key for a real one. */
  offline?: boolean;
  fault?: FaultFlags;
  /** Deploys again when files change. */
  watch: boolean;
  /** Begins without the runs and state of earlier platforms. */
  fresh?: boolean;
}

const FAULT = "--fault <upstream:field=value,…>";

export function addPlatformFlags(command: Command, { loadStandIns }: Project): Command {
  return command
    .option("--offline", "use the sandbox's model even if there is an API key for a real one")
    .option("--online", "let the tools ask their real providers instead of the stand-ins")
    .option(
      FAULT,
      "make a sandbox upstream misbehave, such as openai:latencyMs=2000 or openai:rateLimitRate=1 (repeatable)",
      (flag, before: string[] = []) => [...before, flag],
    )
    .option("--fresh", "begin without the runs and state that earlier platforms left in .fanout/data")
    .option("--no-watch", "do not deploy again when files under functions/, lib/ or bin/ change")
    .hook("preAction", async (_, self) => {
      const { fault: flags } = self.opts<{ fault?: string[] }>();
      if (flags) self.setOptionValue("fault", readFaults(self, flags, await loadStandIns()));
    });
}

/** The upstreams are known only once the stand-ins have been read; until then flags stay text. */
function readFaults(command: Command, flags: readonly string[], standIns: StandIns): FaultFlags {
  return flags.reduce<FaultFlags>((before, flag) => {
    try {
      return readFault(flag, standIns, before);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return command.error(`error: option '${FAULT}' argument '${flag}' is invalid. ${error.message}`);
    }
  }, {});
}

/**
 * Adds another `--fault`, such as `openai:rateLimitRate=1`, to those read before.
 * @throws TypeError for a flag that cannot be read, or that names neither a model provider nor a stand-in's provider.
 */
export function readFault(flag: string, standIns: StandIns, before: FaultFlags = {}): FaultFlags {
  const { upstream, fault } = parseFault(flag, upstreamsOf(standIns));
  return { ...before, [upstream]: { ...before[upstream], ...fault } };
}
