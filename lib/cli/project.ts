import type { Roster } from "../deployment/index.ts";
import type { Defaults } from "./agent-choice.ts";

/** The project that a command works on. */
export interface Project {
  /** Its folder. */
  root: string;
  /** Reads its tools and agents; only commands that need them do. */
  loadRoster: () => Promise<Roster>;
  /** What is asked, and whom, where a person names nothing. */
  defaults: Defaults;
}
