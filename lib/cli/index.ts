export { runCommandLine } from "./program.ts";
export type { Defaults, Project } from "./project.ts";
