import type { Roster } from "../deployment/index.ts";
import type { StandIns } from "../sandbox/index.ts";
import type { Defaults } from "./agent-choice.ts";

/** The project that a command works on. */
export interface Project {
  /** Its folder. */
  root: string;
  /** Reads its tools and agents; called only by commands that need them. */
  loadRoster: () => Promise<Roster>;
  /** Reads the stand-ins for its tools' providers; called only by the local platform. */
  loadStandIns: () => Promise<StandIns>;
  /** What is asked, and which agent, when a person names nothing. */
  defaults: Defaults;
}
