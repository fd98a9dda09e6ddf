import { randomUUID } from "node:crypto";
import {
  type CallToolResult,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Asked, Begun, Calls, RequestKey } from "./calls.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Offer } from "./offer.ts";
import { fails } from "./result.ts";

/** The key of `_meta` with which a client names a call, so that it gets its result whenever it asks again. */
export const IDEMPOTENCY_KEY = "fanout/idempotencyKey";
/** The longest key that is taken, in characters. */
const MAX_KEY_LENGTH = 200;

/** Who calls, and how. */
export interface Caller {
  subject: string;
  /** The names that they may call; undefined: all. */
  names: ReadonlySet<string> | undefined;
  /** Where ids of requests are unique; undefined where the protocol has no sessions. */
  session: string | undefined;
  /**
   * What it means that a request is given up: `cancels`: the client does not want it any more; `nothing`: its connection broke, and it may
   * come back.
   */
  whenGivenUp: "cancels" | "nothing";
  /** Gets the call that a request has begun, or undefined if it begins none. Default: nobody waits for it. */
  onBegun?: ((begun: Begun | undefined) => void) | undefined;
}

/** What a server stands on. */
export interface Place {
  catalogue: Catalogue;
  calls: Calls;
}

/** A server of the protocol for one caller, which keeps nothing. */
export function serverFor({ catalogue, calls }: Place, caller: Caller): Server {
  const offered = async () => {
    const offers = await catalogue.offers().catch((error) => {
      throw new ProtocolError(ProtocolErrorCode.InternalError, calls.explain(error));
    });
    const { names } = caller;
    return names ? offers.filter(({ definition: { name } }) => names.has(name)) : offers;
  };
  const server = new Server({ name: "fanout", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", async () => ({
    tools: (await offered()).map(({ definition }) => definition),
  }));
  server.setRequestHandler("tools/call", async ({ params: { name, arguments: given = {} } }, ctx) => {
    try {
      return await call(calls, caller, { offer: find(await offered(), name), given }, ctx);
    } finally {
      caller.onBegun?.(undefined);
    }
  });
  return server;
}

/** @throws ProtocolError that lists what the caller may call. */
export function find(offers: readonly Offer[], name: string): Offer {
  const offer = offers.find(({ definition }) => definition.name === name);
  if (offer) return offer;
  const names = offers.map(({ definition }) => definition.name).join(", ") || "none";
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool "${name}". Tools: ${names}.`);
}

async function call(
  calls: Calls,
  caller: Caller,
  { offer, given }: Pick<Asked, "offer" | "given">,
  { mcpReq }: ServerContext,
): Promise<CallToolResult> {
  const onProgress = progressOf(mcpReq);
  const target = offer.read(given, onProgress !== undefined);
  if ("problem" in target) return fails(`Invalid input: ${target.problem}`);
  const key = keyOf(caller, mcpReq);
  try {
    const begun = await calls.begin(key, { offer, given, target });
    caller.onBegun?.(begun);
    return await waitFor(calls, begun, mcpReq.signal, { onProgress, cancels: isCancel(caller, key) });
  } catch (error) {
    mcpReq.signal.throwIfAborted();
    return fails(calls.explain(error));
  }
}

/** Waits for a call, and cancels it when its client does not want it any more. */
async function waitFor(
  calls: Calls,
  begun: Begun,
  signal: AbortSignal,
  {
    onProgress,
    cancels,
  }: {
    onProgress: ((text: string) => Promise<void>) | undefined;
    cancels: (reason: unknown) => boolean;
  },
): Promise<CallToolResult> {
  try {
    return await calls.result(begun, { signal, onProgress });
  } catch (error) {
    if (signal.aborted && cancels(signal.reason)) await calls.cancel(begun);
    throw error;
  }
}

/** Whether a request that is given up is cancelled. One that its client can name may be asked for again. */
const isCancel =
  ({ whenGivenUp }: Caller, key: RequestKey) =>
  (reason: unknown): boolean => {
    const lost = reason instanceof SdkError && reason.code === SdkErrorCode.ConnectionClosed;
    return !lost || (whenGivenUp === "cancels" && !("key" in key));
  };

/** Tells the client of each step, if it has asked for that. */
function progressOf({
  _meta,
  notify,
}: ServerContext["mcpReq"]): ((text: string) => Promise<void>) | undefined {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return undefined;
  let progress = 0;
  return async (message) => {
    progress++;
    await notify({ method: "notifications/progress", params: { progressToken, progress, message } });
  };
}

/** @throws ProtocolError for a key that cannot be one. */
function keyOf({ subject, session }: Caller, { id, _meta }: ServerContext["mcpReq"]): RequestKey {
  const key: unknown = _meta?.[IDEMPOTENCY_KEY];
  if (typeof key === "string" && key.length > 0 && key.length <= MAX_KEY_LENGTH) return { subject, key };
  if (key !== undefined)
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `_meta["${IDEMPOTENCY_KEY}"]: expected 1 to ${MAX_KEY_LENGTH} characters.`,
    );
  return { subject, session: session ?? randomUUID(), id };
}
