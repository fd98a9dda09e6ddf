import getPort, { portNumbers } from "get-port";
import { type Loopback, serveOnLoopback } from "../../sandbox/index.ts";
import { createRoutes } from "../../server/index.ts";
import { registeredAgents } from "../agent-choice.ts";
import { say } from "../output.ts";

/** Next to the platform's own ports. */
const PORT = 9003;
/** How many ports above a taken one are tried. */
const RANGE = 100;

/**
 * Serves the routes of `fanout/server` on loopback: to programs of this machine, and to no page that is open on it. Whoever asks
 * is you, so the ids of runs need no secret, and are the same after a restart.
 */
export async function serveRoutes(restate: { ingressUrl: string; adminUrl: string }): Promise<Loopback> {
  const port = await getPort({ host: "127.0.0.1", port: portNumbers(PORT, PORT + RANGE) });
  if (port !== PORT) say(`Port ${PORT} is taken; the routes use ${port} instead.`);
  const routes = createRoutes({
    restate,
    // Read each time: a new agent may be deployed while this runs.
    agents: async () => (await registeredAgents({ url: restate.adminUrl })).map((name) => ({ name })),
    authorize: () => "you",
    secret: "everybody on this machine is you",
    chatCompletions: { liveText: true },
    onError: (error) => say(`The routes: ${error instanceof Error ? error.message : String(error)}`),
  });
  return serveOnLoopback(routes, port);
}
