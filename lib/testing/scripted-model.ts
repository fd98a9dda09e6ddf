import type { ModelScript } from "../sandbox/index.ts";
import { follow, type ModelRequest, type Reply, refuseUnused, type Script } from "./script.ts";

/** A model that follows a script, and keeps what it was asked. */
export class ScriptedModel {
  /** Every request since the script began. */
  readonly requests: ModelRequest[] = [];
  #script: Script;
  #mistake: Error | undefined;

  constructor(script: Script) {
    this.#script = script;
  }

  /** Follows this script from now on. */
  use(script: Script): void {
    this.#script = script;
    this.#mistake = undefined;
    this.requests.length = 0;
  }

  /** Replies to a request. Where the script cannot, the run fails at once: no other try would help. */
  readonly reply: ModelScript = async (request) => {
    this.requests.push(request);
    try {
      return withIds(await follow(this.#script, request), request);
    } catch (error) {
      this.#mistake = error as Error;
      return {
        error: { message: `${(error as Error).message}`, type: "invalid_request_error" },
        status: 400,
      };
    }
  };

  /**
   * Waits for the outcome of a run that begins now.
   * @throws Error when the script has ended too early, goes on after the run, or does not know the question; else what the
   *   run throws.
   */
  async through<T>(question: string, run: () => Promise<T>): Promise<T> {
    const before = this.requests.length;
    const [outcome] = await Promise.allSettled([run()]);
    if (this.#mistake) throw this.#mistake;
    if (outcome.status === "rejected") throw outcome.reason;
    refuseUnused(this.#script, this.requests.slice(before), question);
    return outcome.value;
  }
}

/** Calls without an id get one that is the same whenever the request is repeated. */
function withIds(reply: Reply, { messages }: ModelRequest): Reply {
  if (!("toolCalls" in reply) || !reply.toolCalls) return reply;
  const withId = (call: (typeof reply.toolCalls)[number], index: number) => ({
    id: `call_${messages.length}_${index + 1}`,
    ...call,
  });
  return { ...reply, toolCalls: reply.toolCalls.map(withId) } as Reply;
}
