import type { Fault, StandIns } from "../sandbox/index.ts";
import type { StartObserver } from "./start-observer.ts";

/** What a platform is started with. */
export interface PlatformOptions {
  /** The project's folder. */
  root: string;
  /** The platform's own files; emptied at the start, removed at the end. */
  runDir: string;
  /** What outlives the platform: runs, state, and the functions' versions. Another one goes on from there. */
  dataDir: string;
  /** The logs stay, for whoever looks for what went wrong. */
  logDir: string;
  /** Replaces the agents' own model. */
  model: string | undefined;
  /** Which of the outside world the sandbox stands in for. */
  sandbox: { models: boolean; upstreams: boolean };
  /** What stands in there for the tools' providers. */
  standIns: StandIns;
  /** A person's values for what functions declare, read at each deployment; the sandbox's count in place of them. */
  settings: () => Readonly<Record<string, string>>;
  faults: Readonly<Record<string, Partial<Fault>>>;
  onStart: StartObserver;
  /** Ends a start that is going on. */
  signal: AbortSignal;
}
