import type { Command } from "commander";
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

/** What a command's file exports by default: it gives the command its arguments, options, further help and action. */
export type Define = (command: Command, project: Project) => void;
