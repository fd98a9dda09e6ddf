import type { ModelScript } from "../sandbox/index.ts";
import { follow, type ModelRequest, type Reply, refuseUnused, type Script } from "./script.ts";

/** A model that follows a script, and keeps what it was asked. */
export class ScriptedModel {
  /** Every request since the script began. */
  readonly requests: ModelRequest[] = [];
  #script: Script;
  readonly #mistakes: Error[] = [];

  constructor(script: Script) {
    this.#script = script;
  }

  /** Follows this script from now on. */
  use(script: Script): void {
    this.#script = script;
    this.requests.length = 0;
  }

  /** Replies to a request. Where the script cannot, the run fails at once: no other try would help. */
  readonly reply: ModelScript = async (request) => {
    this.requests.push(request);
    try {
      return withIds(await follow(this.#script, request), request);
    } catch (error) {
      const mistake = error instanceof Error ? error : new Error(String(error));
      this.#mistakes.push(mistake);
      return { error: { message: mistake.message, type: "invalid_request_error" }, status: 400 };
    }
  };

  /**
   * Waits for the outcome of a run that begins now.
   * @throws Error when the script has ended too early, goes on after the run, or does not know the question; else what the
   *   run throws.
   */
  async through<T>(question: string, run: () => Promise<T>): Promise<T> {
    const script = this.#script;
    const before = { requests: this.requests.length, mistakes: this.#mistakes.length };
    const [outcome] = await Promise.allSettled([run()]);
    const mistake = this.#mistakes[before.mistakes];
    // One of its own, whose stack leads to the test.
    if (mistake) throw new Error(mistake.message, { cause: mistake });
    if (outcome.status === "rejected") throw outcome.reason;
    // Another script may have begun meanwhile.
    if (script === this.#script) refuseUnused(script, this.requests.slice(before.requests), question);
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
