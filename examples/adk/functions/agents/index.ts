// Generated from the folders beside this file by `npm run sync`.
import type { Agent } from "fanout/agent";
import claimDeskAgent from "./claim-desk/agent.ts";

export const agents = [claimDeskAgent] as const satisfies readonly Agent[];
