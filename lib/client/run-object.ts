import type { TOPIC as Topic } from "../events/index.ts";
import type { IngressAddress } from "./ingress.ts";
import { askObject } from "./object-request.ts";

// Of `lib/events` this room has the types only: the rest of it does not run in browsers.
const TOPIC: typeof Topic = "RunEvents";

interface Asked {
  run: string;
  handler: "answer" | "approvals" | "resolve";
  /** Undefined: an empty body. */
  parameter: object | undefined;
  signal: AbortSignal | undefined;
}

/** Asks a run's object until there is an answer. @throws FanoutError */
export const askRunObject = <T>(ingress: IngressAddress, { run, ...asked }: Asked): Promise<T> =>
  askObject(ingress, { ...asked, service: TOPIC, key: run });
