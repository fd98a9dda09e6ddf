/**
 * For tools around Fanout: the command line, as a function.
 * @module
 */

export { runCommandLine } from "./program.ts";
export type { Defaults, Project } from "./project.ts";
