import { isLegacyRequest, originValidationResponse } from "@modelcontextprotocol/server";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Agent } from "../agent/index.ts";
import {
  atMost,
  Places,
  RunIds,
  type ServedPlace,
  secretOf,
  tooLarge,
  tooManyStreams,
} from "../server/index.ts";
import type { Tool } from "../tool/index.ts";
import type { AuthorizeMcp } from "./bearer-tokens.ts";
import { type McpBounds, withDefaults } from "./bounds.ts";
import { Calls } from "./calls.ts";
import { Catalogue } from "./catalogue.ts";
import { type Answering, answerAlone, answerInSession, type Exchange, resume } from "./exchanges.ts";
import { EventIds } from "./resumption.ts";

/** Where Restate is. The token stays here; without the admin API nothing can be cancelled. */
export interface McpRestate {
  ingressUrl: string;
  token?: string | undefined;
  adminUrl?: string | undefined;
}

/** What {@link createMcpEndpoint} takes. */
export interface McpOptions {
  restate: McpRestate;
  /** The contracts of the tools that are offered, as far as the deployment exposes them (`exposedTools` in `bin/stack.ts`). Default: none. */
  tools?: readonly Tool[] | undefined;
  /**
   * The contracts of the agents that are offered as tools. One with a handler of its own takes what that takes, if the admin API can be
   * asked; else it is taken for one that takes a message. Default: none.
   */
  agents?: readonly Agent[] | undefined;
  /** Who asks, and what they may call. Default: nobody may. */
  authorize?: AuthorizeMcp | undefined;
  /** The hosts of pages that may use it, such as `app.example.com`. Default: none; programs, which send no `Origin`, always may. */
  allowedOrigins?: readonly string[] | undefined;
  /**
   * What ids are signed with, 16 characters at least, the same on every server that serves them. With another one, a client that comes
   * back does not find its calls. Default: made from the token.
   */
  secret?: string | undefined;
  /** What is allowed at a time. Default: see {@link McpBounds}. */
  bounds?: Partial<McpBounds> | undefined;
  /** Gets what went wrong between here and Restate, which clients are not told. Default: it is written to stderr. */
  onError?: ((error: unknown) => void) | undefined;
}

type Env = { Variables: { subject: string; names: ReadonlySet<string> | undefined } };

/**
 * Tools and agents over MCP's streamable HTTP, for any server that takes an app of Hono or a `fetch` handler, under any path.
 *
 * Each call is a durable one. Its request's id within its session, or `_meta["fanout/idempotencyKey"]`, is the idempotency key: the same
 * request again gets the result of the first, for a day. Nothing is stored: any server with the same secret answers a client that comes
 * back, with the same request or with `Last-Event-ID`.
 * @throws TypeError where there is neither a token nor a secret, or the secret is too short.
 * @see https://modelcontextprotocol.io/specification
 */
export function createMcpEndpoint(options: McpOptions): Hono<Env> {
  const { authorize = () => undefined, allowedOrigins = [] } = options;
  const bounds = withDefaults(options.bounds);
  const answering = answeringFor(options);
  const places = new Places(bounds);
  const answer = (serve: (exchange: Exchange, c: Context<Env>) => Promise<Response | undefined>) =>
    inPlace(places, bounds.streamSeconds, serve);
  const maxSize = bounds.bodyBytes;

  const app = new Hono<Env>();
  app.use("*", fromAllowed(allowedOrigins), authorized(authorize));
  app.use("*", atMost(bounds.requestsPerMinute, "requests"));
  app.post("*", bodyLimit({ maxSize, onError: (c) => tooLarge(c, maxSize) }), answer(post(answering)));
  app.get("*", async (c, next) => {
    const last = c.req.header("last-event-id");
    // There is nothing to be told that no request asks for.
    if (last === undefined) return notAllowed(c);
    return await answer((exchange) => resume(answering, exchange, last))(c, next);
  });
  app.all("*", notAllowed);
  return app;
}

/**
 * The same at `/mcp` of the deployment's function URL, as the `mcp` of `defineServer`. Restate's key is read there, and nothing can be
 * cancelled. The bounds are of each execution environment for itself.
 */
export const mcpEndpoint =
  (options: Omit<McpOptions, "restate" | "onError">) =>
  ({ streamSeconds, ...place }: ServedPlace): Hono<Env> =>
    createMcpEndpoint({ ...options, ...place, bounds: { ...options.bounds, streamSeconds } });

/** What an endpoint and a server on stdio stand on. */
export function answeringFor(options: Omit<McpOptions, "authorize">): Answering {
  const { tools = [], agents = [], onError = writeError } = options;
  const { ingressUrl: url, token, adminUrl } = options.restate;
  const restate = { url: url.replace(/\/+$/, ""), token, adminUrl };
  const ids = new RunIds(secretOf("createMcpEndpoint", options));
  return {
    catalogue: new Catalogue(restate, { tools, agents }, onError),
    calls: new Calls(restate, ids, onError),
    eventIds: new EventIds(ids),
  };
}

const post = (answering: Answering) => async (exchange: Exchange, c: Context<Env>) => {
  let body: unknown;
  try {
    body = JSON.parse(await c.req.text());
  } catch {
    exchange.onEnd();
    const error = { code: -32_700, message: "Expected a body of JSON." };
    return c.json({ jsonrpc: "2.0", id: null, error }, 400);
  }
  const answerIt = (await isLegacyRequest(c.req.raw, body)) ? answerInSession : answerAlone;
  return await answerIt(answering, exchange, body);
};

/** Serves a request if there is a place for it, until its answer has ended. */
function inPlace(
  places: Places,
  seconds: number,
  serve: (exchange: Exchange, c: Context<Env>) => Promise<Response | undefined>,
): MiddlewareHandler<Env> {
  return async (c) => {
    const { subject, names } = c.var;
    const release = places.take(subject);
    if (!release) return tooManyStreams(c);
    try {
      const response = await serve(
        { request: c.req.raw, caller: { subject, names }, seconds, onEnd: release },
        c,
      );
      if (response) return response;
      release();
      return c.json({ code: "not-found", message: "You have no such call." }, 404);
    } catch (error) {
      release();
      throw error;
    }
  };
}

/** A page that is open in somebody's browser could reach servers that only they can reach. */
const fromAllowed =
  (hosts: readonly string[]): MiddlewareHandler<Env> =>
  async (c, next) =>
    originValidationResponse(c.req.raw, [...hosts]) ?? (await next());

const authorized =
  (authorize: AuthorizeMcp): MiddlewareHandler<Env> =>
  async (c, next) => {
    const access = await authorize(c.req.raw);
    if (access instanceof Response) return access;
    if (!access) {
      c.header("WWW-Authenticate", "Bearer");
      return c.json(
        { code: "unauthorized", message: "Expected a bearer token that may use this endpoint." },
        401,
      );
    }
    c.set("subject", access.subject);
    c.set("names", access.tools === "all" ? undefined : new Set(access.tools));
    return await next();
  };

function notAllowed(c: Context): Response {
  c.header("Allow", "POST");
  return c.json({ code: "bad-request", message: "Expected a POST, or a GET with Last-Event-ID." }, 405);
}

// biome-ignore lint/suspicious/noConsole: a server without a log of its own has its stderr.
const writeError = (error: unknown) => console.error(error);
