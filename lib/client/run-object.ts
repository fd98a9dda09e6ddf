import { HttpCallError, Opts, serde } from "@restatedev/restate-sdk-clients";
import type { TOPIC as Topic } from "../events/index.ts";
import { FanoutError, failureOf, fromIngress, read } from "./error.ts";
import { type IngressAddress, openIngress } from "./ingress.ts";
import { persist } from "./persist.ts";

// Of `lib/events` this room has the types only: the rest of it does not run in browsers.
const TOPIC: typeof Topic = "RunEvents";

/** For one request, in ms. */
const PATIENCE_MS = 30_000;

interface Asked {
  run: string;
  handler: "answer" | "approvals" | "resolve";
  /** Undefined: an empty body. */
  parameter: object | undefined;
  signal: AbortSignal | undefined;
}

/** Asks a run's object until there is an answer. @throws FanoutError */
export function askRunObject<T>(
  ingress: IngressAddress,
  { run, handler, parameter, signal }: Asked,
): Promise<T> {
  const once = async () => {
    const timeout = AbortSignal.timeout(PATIENCE_MS);
    const within = signal ? AbortSignal.any([signal, timeout]) : timeout;
    const input = parameter === undefined ? serde.empty : serde.json;
    try {
      return await openIngress(ingress, within, { retry: false }).call<typeof parameter, T>({
        service: TOPIC,
        handler,
        key: run,
        parameter,
        opts: Opts.from<typeof parameter, T>({ input: input as never, output: serde.json as never }),
      });
    } catch (error) {
      throw failureIn(error, ingress);
    }
  };
  return persist(once, signal);
}

/** Restate's own 404 means that there is no such service, the object's that there is no such thing in it. */
function failureIn(error: unknown, { url }: IngressAddress): FanoutError {
  const { message, source } = error instanceof HttpCallError ? read(error.responseText) : {};
  if (error instanceof HttpCallError && source === "invocation")
    return failureOf(error.status, message ?? "", false);
  const failure = fromIngress(error, url, false);
  if (failure.code !== "not-found") return failure;
  return new FanoutError("unsupported", `The deployment at ${url} has no service "${TOPIC}".`, {
    status: 404,
  });
}
