// Generated from the folders beside this file by `npm run sync`.
import type { Agent } from "fanout/agent";
import harbourAgent from "./harbour-agent/agent.ts";

export const agents = [harbourAgent] as const satisfies readonly Agent[];
