// Generated from the folders beside this file by `npm run sync`.
import parallelToolAgent from "./parallel-tool-agent/agent.ts";

export const agents = [parallelToolAgent];
