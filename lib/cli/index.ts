export type { Defaults } from "./agent-choice.ts";
export { runCommandLine } from "./program.ts";
