import { type Platform, startPlatform } from "../local/platform.ts";
import { type Fault, parseFault, type UpstreamName } from "../local/sandbox/index.ts";
import { environment } from "./environment.ts";
import { chooseOutsideWorld } from "./outside-world.ts";
import { clearStateAfterDeath, readState, removeState, stateDirectory, writeState } from "./state-file.ts";
import { seconds } from "./timeline.ts";

export interface UpFlags {
  /** Real upstreams instead of the sandbox's. */
  online?: boolean;
  /** The sandbox's model even where there is a key for a real one. */
  offline?: boolean;
  /** `<upstream>:<field>=<value>,…`, such as `finnhub:rateLimit=1`. */
  fault?: string[];
}

/** What a person ends with Ctrl-C, a closed terminal or `kill`. */
const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs the local platform for as long as `work` takes, tells other programs of it in `.fanout/state.json`, and stops
 * everything that was started, whatever ends it.
 * @param work gets a promise that resolves when the platform is asked to end.
 * @throws Error when a platform already runs in this project, when a part does not start or ends by itself.
 */
export async function withPlatform(
  root: string,
  flags: UpFlags,
  work: (platform: Platform, ended: Promise<void>) => Promise<void>,
): Promise<void> {
  const running = readState(root);
  if (running) {
    throw new Error(
      `The local platform already runs here (pid ${running.pids.platform}). Ask it with: npx fanout ask "…"`,
    );
  }
  const faults = readFaults(flags.fault ?? []);
  const world = chooseOutsideWorld(environment, flags);
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  const ended = endSignal();
  const begun = performance.now();

  const starting = startPlatform({ root, stateDir: stateDirectory(root), ...world, faults, onStep: say });
  const platform = await starting;
  const keepState = clearStateAfterDeath(root);
  try {
    writeState(root, platform);
    say(`Ready after ${seconds(performance.now() - begun)}: ${world.description}.`);
    await Promise.race([
      work(platform, ended),
      ended,
      platform.failed.then((error) => Promise.reject(error)),
    ]);
  } finally {
    removeState(root);
    await platform.stop();
    keepState();
  }
}

/**
 * Resolves at the first signal. Later ones change nothing: npm repeats the terminal's Ctrl-C, and stopping is bounded.
 */
function endSignal(): Promise<void> & { signalled(): boolean } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let signalled = false;
  for (const signal of END_SIGNALS) {
    process.on(signal, () => {
      signalled = true;
      resolve();
    });
  }
  return Object.assign(promise, { signalled: () => signalled });
}

/** @throws TypeError for a flag that cannot be read. */
export function readFaults(flags: readonly string[]): Partial<Record<UpstreamName, Partial<Fault>>> {
  return Object.fromEntries(flags.map(parseFault).map(({ upstream, fault }) => [upstream, fault]));
}
