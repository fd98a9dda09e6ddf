import type { History } from "../agent/index.ts";
import type { ConversationName, Conversations } from "./conversations.ts";
import { FanoutError } from "./error.ts";
import type { IngressAddress } from "./ingress.ts";
import { beginAt } from "./ingress-runs.ts";
import { askObject, type ObjectRequest } from "./object-request.ts";
import { isUnknown } from "./run-outcome.ts";
import { newKey, type StartOptions } from "./runs.ts";

/** The virtual object that has the conversations with an agent. Of `lib/agent` this room has types only. */
export const serviceOf = (agent: string): string => `${agent}Conversation`;

/** Conversations through Restate's own ingress. */
export function ingressConversations(ingress: IngressAddress): Conversations {
  const interrupt: Conversations["interrupt"] = (of, { idempotencyKey = newKey(), signal }) =>
    call<string | null>(ingress, of, { handler: "interrupt", idempotencyKey, signal });
  return {
    async send(of, input, { interrupt: interrupts, idempotencyKey = newKey(), signal }) {
      // With the same key, so that a repeated request does not interrupt its own run.
      if (interrupts) await interrupt(of, { idempotencyKey, signal });
      return begin(ingress, of, "send", input, { idempotencyKey, signal });
    },
    history: (of, page, signal) =>
      call<History>(ingress, of, { handler: "history", parameter: { page }, signal }),
    interrupt,
    reset: (of, options) => begin(ingress, of, "reset", undefined, options),
    async fork(of, to, { idempotencyKey = newKey(), signal }) {
      await call(ingress, of, { handler: "fork", parameter: { to }, idempotencyKey, signal });
    },
  };
}

/** Puts something into a conversation's queue. @returns the invocation's id. */
async function begin(
  ingress: IngressAddress,
  { agent, id }: ConversationName,
  handler: "send" | "reset",
  parameter: object | undefined,
  options: StartOptions,
): Promise<string> {
  try {
    return await beginAt(ingress, { service: serviceOf(agent), key: id, handler }, parameter, options);
  } catch (error) {
    throw isUnknown(error) ? noAgent(agent, ingress) : error;
  }
}

/** Asks a conversation. What it refuses itself, such as a copy into one that is not empty, is the request's fault. */
async function call<T>(
  ingress: IngressAddress,
  { agent, id }: ConversationName,
  asked: Omit<ObjectRequest, "service" | "key">,
): Promise<T> {
  try {
    return await askObject<T>(ingress, { ...asked, service: serviceOf(agent), key: id });
  } catch (error) {
    if (!(error instanceof FanoutError)) throw error;
    const { code, message, status } = error;
    if (code === "answered") throw new FanoutError("bad-request", message, { status });
    throw code === "unsupported" ? noAgent(agent, ingress) : error;
  }
}

const noAgent = (agent: string, { url }: IngressAddress) =>
  new FanoutError("not-found", `There is no agent "${agent}" with conversations at ${url}.`, { status: 404 });
