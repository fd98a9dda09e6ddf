import type { Roster } from "../deployment/index.ts";
import type { StandIns } from "../sandbox/index.ts";
import type { Defaults } from "./agent-choice.ts";

/** The project that a command works on. */
export interface Project {
  /** Its folder. */
  root: string;
  /** Reads its tools and agents; only commands that need them do. */
  loadRoster: () => Promise<Roster>;
  /** Reads what stands in for its tools' providers; only the local platform needs it. */
  loadStandIns: () => Promise<StandIns>;
  /** What is asked, and whom, where a person names nothing. */
  defaults: Defaults;
}
