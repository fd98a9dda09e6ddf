import type { Roster } from "../deployment/index.ts";
import type { StandIns } from "../sandbox/index.ts";

/** The project that a command works on. */
export interface Project {
  /** Its folder. */
  root: string;
  /** Reads its tools and agents; called only by commands that need them. */
  loadRoster: () => Promise<Roster>;
  /** Reads the stand-ins for its tools' providers; called only by the local platform. */
  loadStandIns: () => Promise<StandIns>;
  /** Reads what is asked, and which agent, when a person names nothing. */
  loadDefaults: () => Promise<Defaults>;
}

/** What a project's commands use when a person names nothing. */
export interface Defaults {
  /** The agent to ask if there are several. Default: a person has to name one. */
  agent?: string;
  /** What `start` asks that agent. Default: "What can you do?". */
  question?: string;
  /** What `start` and `up` suggest to ask next. Default: the same. */
  nextQuestion?: string;
  /** What `deploy` asks that agent at the end: something short that needs few keys. Default: "What can you do?". */
  smokeQuestion?: string;
}
