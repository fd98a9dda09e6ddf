import type { Fault, ModelScript, StandIns } from "../sandbox/index.ts";
import type { StartObserver } from "./start-observer.ts";

/** What a platform is started with. */
export interface PlatformOptions {
  /** The project's folder. */
  root: string;
  /** The platform's own files; emptied at the start, removed at the end. */
  runDir: string;
  /** What outlives the platform: runs, state, and the functions' versions. The next platform continues from there. */
  dataDir: string;
  /** Where the logs are; they stay, to help find what went wrong. */
  logDir: string;
  /** Replaces the agents' models. */
  model: string | undefined;
  /** Which parts of the outside world the sandbox stands in for. `model`: what its model answers; default the offline model. */
  sandbox: { models: boolean; upstreams: boolean; model?: ModelScript };
  /** How restate-server drives runs. Default: as `startRestateServer` does. */
  server?: { protocolV7?: boolean; alwaysReplay?: boolean };
  /** Which ports are tried first: those that a person knows, or any free ones. Default: the usual ones. */
  ports?: "usual" | "free";
  /** Sees each line that a function logs, with the function's name before it. Default: nobody does. */
  onLog?: (line: string) => void;
  /** The stand-ins for the tools' providers. */
  standIns: StandIns;
  /** A person's values for what functions declare, read at each deployment; the sandbox's take precedence. */
  settings: () => Readonly<Record<string, string>>;
  faults: Readonly<Record<string, Partial<Fault>>>;
  onStart: StartObserver;
  /** Aborts a start that is in progress. */
  signal: AbortSignal;
}
