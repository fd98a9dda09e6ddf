import { existsSync, readFileSync } from "node:fs";
import { connect, FanoutError, outcomeOf } from "../../lib/client/index.ts";

/** What the local platform says of itself while it is ready. */
const STATE = new URL("../../.fanout/state.json", import.meta.url);
const local = existsSync(STATE) ? JSON.parse(readFileSync(STATE, "utf8")) : {};
const { RESTATE_INGRESS_URL, RESTATE_ADMIN_URL, RESTATE_TOKEN, AGENT } = process.env;

/** Where Restate is: as the environment says, else the local platform. The token stays in this process. */
const restate = {
  url: RESTATE_INGRESS_URL ?? local.ingressUrl,
  adminUrl: RESTATE_ADMIN_URL ?? local.adminUrl,
  token: RESTATE_TOKEN,
};
if (!restate.url) throw new Error("No local platform is ready. In the project's folder: npx fanout up");

export const agent = connect(restate).agent(AGENT ?? "ParallelToolAgent");

export async function isKnown(run: string): Promise<boolean> {
  try {
    await outcomeOf(restate, run);
    return true;
  } catch (error) {
    if (error instanceof FanoutError && error.code === "not-found") return false;
    throw error;
  }
}
