import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connectToRoutes } from "fanout/client";
import { createRoutes } from "fanout/server";
import { AGENT } from "./agent.ts";

/** What the local platform says of itself while it is ready: in the project's folder, which is above this one. */
const state = ["..", "../.."]
  .map((above) => join(import.meta.dirname, above, ".fanout/state.json"))
  .find((file) => existsSync(file));
const local = state === undefined ? {} : JSON.parse(readFileSync(state, "utf8"));
const { RESTATE_INGRESS_URL, RESTATE_ADMIN_URL, RESTATE_TOKEN } = process.env;

/** Where Restate is: as the environment says, else the local platform. The token stays in this process. */
const restate = {
  ingressUrl: RESTATE_INGRESS_URL ?? local.ingressUrl,
  adminUrl: RESTATE_ADMIN_URL ?? local.adminUrl,
  token: RESTATE_TOKEN,
};
if (!restate.ingressUrl)
  throw new Error("No local platform is ready. In the project's folder: npx fanout up");

/** Who may see, cancel and answer which run. Only this machine's pages get here, so whoever asks is you. */
export const routes = createRoutes({
  restate,
  agents: [{ name: AGENT }],
  authorize: () => "you",
  secret: "everybody on this machine is you",
});

/** The agent through these routes, in this process: the ids of its runs are those that the routes give. */
export const agent = connectToRoutes({ url: "http://here", fetch: fetchRoutes }).agent(AGENT);

/** Whether there is such a run. */
export async function isKnown(run: string): Promise<boolean> {
  const { status } = await routes.request(`/runs/${run}`);
  if (status === 200 || status === 404) return status === 200;
  throw new Error(`GET /runs/${run} answered ${status}.`);
}

/** A stream ends when its reader gives up, as it does over a network. */
async function fetchRoutes(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  const response = await routes.request(input, init);
  const options = init?.signal ? { signal: init.signal } : {};
  return new Response(response.body?.pipeThrough(new TransformStream(), options) ?? null, response);
}
