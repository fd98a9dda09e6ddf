import { createHash } from "node:crypto";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { beginAt, FanoutError, ingressRuns, type RestateAddress, type Runs } from "../client/index.ts";
import { query } from "../restate/index.ts";
import type { RunIds } from "../server/index.ts";
import type { Offer, Target } from "./offer.ts";
import { inWords } from "./progress.ts";
import { fails } from "./result.ts";

/** Which request it is, among all of its subject's: what the client gave as a key, or its session and the request's id there. */
export type RequestKey = { subject: string } & ({ key: string } | { session: string; id: string | number });

/** A call that Restate has accepted: whatever happens to who asked, it is made, and its result is kept for a day. */
export interface Begun {
  invocation: string;
  offer: Offer;
}

/** What a client wants called, checked. */
export interface Asked {
  offer: Offer;
  /** The arguments as they came. */
  given: Record<string, unknown>;
  target: Target;
}

/** What is done while a call is waited for. */
interface Waiting {
  /** Ends the waiting, not the call. */
  signal: AbortSignal;
  /** Gets each step in words. Default: nobody reads them. */
  onProgress?: ((text: string) => unknown) | undefined;
}

/** Durable calls for MCP clients. */
export class Calls {
  readonly #restate: RestateAddress;
  readonly #runs: Runs;
  readonly #ids: RunIds;
  readonly #onError: (error: unknown) => void;

  constructor(restate: RestateAddress, ids: RunIds, onError: (error: unknown) => void) {
    this.#restate = restate;
    this.#runs = ingressRuns(restate);
    this.#ids = ids;
    this.#onError = onError;
  }

  /** Begins a call, or finds the one that the same request has begun. @throws FanoutError */
  async begin(request: RequestKey, { offer, given, target }: Asked): Promise<Begun> {
    const { service, handler, parameter } = target;
    const invocation = await beginAt(this.#restate, { service, handler }, parameter, {
      // The arguments, too: an id that a client uses again for something else must not get an earlier result.
      idempotencyKey: `${this.#keyOf(request)}.${digest([offer.definition.name, given])}`,
    });
    return { invocation, offer };
  }

  /** Waits for a call's result, however long it takes. A failure is a result, too. @throws the signal's reason. */
  async result({ invocation, offer }: Begun, { signal, onProgress }: Waiting): Promise<CallToolResult> {
    const over = new AbortController();
    const telling = onProgress && offer.tells ? this.#tell(invocation, over.signal, onProgress) : undefined;
    try {
      return offer.result(await this.#runs.result(invocation, signal));
    } catch (error) {
      signal.throwIfAborted();
      return fails(this.explain(error));
    } finally {
      over.abort();
      await telling;
    }
  }

  /** What a client may read of an error: what the call itself says, and nothing of what is between here and Restate. */
  explain(error: unknown): string {
    if (error instanceof FanoutError) {
      if (error.code === "run-failed") return error.message;
      if (error.code === "run-cancelled") return "The call was cancelled.";
    }
    this.#onError(error);
    return "Restate does not answer as expected; the server's log says more.";
  }

  /** Cancels a call and what it has called, where there is an admin API; one that has ended stays as it is. */
  async cancel({ invocation }: Pick<Begun, "invocation">): Promise<void> {
    if (this.#restate.adminUrl === undefined) return;
    await this.#runs.cancel(invocation, undefined).catch(this.#onError);
  }

  /** The same of the call that a request has begun, at whichever server. */
  async cancelRequest(request: RequestKey): Promise<void> {
    const { adminUrl, token } = this.#restate;
    if (adminUrl === undefined) return;
    try {
      const rows = await query<{ id: string }>(
        { url: adminUrl, token },
        `SELECT id FROM sys_invocation WHERE starts_with(idempotency_key, '${this.#keyOf(request)}.') AND status <> 'completed'`,
      );
      for (const { id } of rows) await this.cancel({ invocation: id });
    } catch (error) {
      this.#onError(error);
    }
  }

  #keyOf({ subject, ...request }: RequestKey): string {
    const named = "key" in request ? ["key", request.key] : ["session", request.session, request.id];
    return `mcp-${this.#ids.keyOf(subject, JSON.stringify(named))}`;
  }

  async #tell(invocation: string, signal: AbortSignal, onProgress: (text: string) => unknown): Promise<void> {
    try {
      for await (const { event } of this.#runs.events(invocation, { signal })) {
        const text = inWords(event);
        if (text !== undefined) await onProgress(text);
      }
    } catch (error) {
      // The result comes all the same.
      if (!signal.aborted) this.#onError(error);
    }
  }
}

const digest = (parts: unknown): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
