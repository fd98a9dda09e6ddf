import { randomUUID } from "node:crypto";
import {
  createMcpHandler,
  isInitializeRequest,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { Begun } from "./calls.ts";
import { type Caller, find, type Place, serverFor } from "./protocol.ts";
import type { EventIds } from "./resumption.ts";
import { comment, idEvent, messageEvent, passedOn } from "./stream.ts";

/** A request that has been let in. */
export interface Exchange {
  request: Request;
  caller: Pick<Caller, "subject" | "names">;
  /** How long its answer may last, in seconds. */
  seconds: number;
  /** Called once, when it is over. */
  onEnd: () => void;
}

/** What the answers stand on. */
export interface Answering extends Place {
  eventIds: EventIds;
}

const SESSION = "mcp-session-id";

/** A stream that a client can resume begins with an event without data, which older clients do not understand. */
const RESUMABLE_SINCE = "2025-11-25";

/** How often a silent stream is told to be alive, in ms. */
const KEEP_ALIVE_MS = 15_000;

/** Answers a request of the revisions without sessions, from 2026-07-28 on. There, a connection that ends cancels its request. */
export async function answerAlone(place: Answering, exchange: Exchange, body: unknown): Promise<Response> {
  const { request, caller, ...passing } = exchange;
  const server = () => serverFor(place, { ...caller, session: undefined, whenGivenUp: "cancels" });
  const response = await createMcpHandler(server, { legacy: "reject" }).fetch(request, { parsedBody: body });
  return passedOn(response, passing);
}

/**
 * Answers a request of the revisions with sessions, until 2025-11-25. A session is a name under which ids of requests are unique, and
 * nothing that a server would have to keep.
 */
export async function answerInSession(
  place: Answering,
  exchange: Exchange,
  body: unknown,
): Promise<Response> {
  const { request, seconds } = exchange;
  const { subject } = exchange.caller;
  const session = request.headers.get(SESSION) ?? undefined;
  const cancelled = cancelledBy(body);
  if (cancelled !== undefined && session !== undefined)
    await place.calls.cancelRequest({ subject, session, id: cancelled });
  const { promise: begun, resolve: onBegun } = Promise.withResolvers<Begun | undefined>();
  const server = serverFor(place, { ...exchange.caller, session, whenGivenUp: "nothing", onBegun });
  const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await server.connect(transport);
  const response = await transport.handleRequest(request, { parsedBody: body });
  if (isInitializeRequest(body)) response.headers.set(SESSION, randomUUID());
  const id = resumableId(request, body);
  return passedOn(response, {
    seconds,
    between: begun.then((call) => {
      if (call === undefined || id === undefined) return undefined;
      const { invocation, offer } = call;
      return idEvent(place.eventIds.give(subject, { invocation, request: id, name: offer.definition.name }));
    }),
    onEnd: () => {
      void server.close();
      exchange.onEnd();
    },
  });
}

/** Goes on with the stream that ended after an event, at whichever server; undefined for an event that is nobody's. */
export async function resume(
  { calls, catalogue, eventIds }: Answering,
  { caller: { subject, names }, ...passing }: Exchange,
  lastEventId: string,
): Promise<Response | undefined> {
  const resumable = eventIds.read(subject, lastEventId);
  if (!resumable || (names && !names.has(resumable.name))) return undefined;
  const { invocation, request: id, name } = resumable;
  const offer = find(await catalogue.offers(), name);
  const over = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const timer = setInterval(() => controller.enqueue(comment), KEEP_ALIVE_MS);
      over.signal.addEventListener("abort", () => clearInterval(timer));
      controller.enqueue(idEvent(lastEventId));
      calls
        .result({ invocation, offer }, { signal: over.signal })
        .then((result) => {
          over.abort();
          controller.enqueue(messageEvent({ jsonrpc: "2.0", id, result }));
          controller.close();
        })
        .catch(() => over.abort());
    },
    cancel: () => over.abort(),
  });
  const headers = { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" };
  return passedOn(new Response(body, { headers }), passing);
}

/** Which of its session's requests a notification cancels. */
function cancelledBy(body: unknown): string | number | undefined {
  const { method, params } = (body ?? {}) as { method?: unknown; params?: { requestId?: unknown } };
  const id = params?.requestId;
  if (method !== "notifications/cancelled") return undefined;
  return typeof id === "string" || typeof id === "number" ? id : undefined;
}

/** The id of the only request in a body whose answer can be resumed. */
function resumableId(request: Request, body: unknown): string | number | undefined {
  const version = request.headers.get("mcp-protocol-version") ?? "";
  const { method, id } = body as { method?: string; id?: string | number };
  return version >= RESUMABLE_SINCE && method === "tools/call" ? id : undefined;
}
