import type { Hono } from "hono";
import type { Authorize } from "./authorize.ts";
import type { Bounds } from "./bounds.ts";
import type { RoutesOptions } from "./routes.ts";

/** The routes of a deployment, as far as only the project knows them. */
export interface ServerDefinition {
  /** Who asks. */
  authorize: Authorize;
  /** The contracts of the agents that may be asked. Default: all but those that other agents call. */
  agents?: RoutesOptions["agents"] | undefined;
  /** Who may answer the questions of runs. Default: a run's own subject. */
  mayAnswer?: RoutesOptions["mayAnswer"];
  /** Whether agents can be asked as models of OpenAI's API, too. Default: false. */
  chatCompletions?: boolean | undefined;
  /**
   * What is allowed at a time, by each execution environment for itself, which has one stream at most. How long a stream lasts is
   * the stack's to say.
   */
  bounds?: Partial<Omit<Bounds, "streamSeconds">> | undefined;
  /** What is served at `/mcp`: `mcpEndpoint({ … })` of `fanout/mcp-server`. Default: nothing. */
  mcp?: ((place: ServedPlace) => Pick<Hono, "fetch">) | undefined;
}

/** What the stack knows of where the routes are served. */
export interface ServedPlace {
  /** Where Restate is, with the deployment's own key. */
  restate: RoutesOptions["restate"];
  /** How long an answer lasts at most. */
  streamSeconds: number;
  /** Gets what users are not told. */
  onError: (error: unknown) => void;
}

/**
 * Declares the routes that the stack serves on a function URL: the default export of `functions/server/server.ts`.
 * @throws TypeError where nobody says who asks.
 */
export function defineServer(definition: ServerDefinition): ServerDefinition {
  if (typeof definition.authorize === "function") return Object.freeze({ ...definition });
  throw new TypeError(
    `defineServer: authorize: expected a function of the request, got ${typeof definition.authorize}`,
  );
}
