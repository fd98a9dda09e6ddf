// Generated from the folders beside this file by `npm run sync`.
import type { Agent } from "fanout/agent";
import briefingAgent from "./briefing-agent/agent.ts";
import parallelToolAgent from "./parallel-tool-agent/agent.ts";
import parallelToolClaimAgent from "./parallel-tool-claim-agent/agent.ts";

export const agents = [briefingAgent, parallelToolAgent, parallelToolClaimAgent] as const satisfies readonly Agent[];
