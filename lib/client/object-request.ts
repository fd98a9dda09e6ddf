import { HttpCallError, Opts, serde } from "@restatedev/restate-sdk-clients";
import { FanoutError, failureOf, fromIngress, read } from "./error.ts";
import { type IngressAddress, openIngress } from "./ingress.ts";
import { persist } from "./persist.ts";

/** For one request, in ms. */
const PATIENCE_MS = 30_000;

/** What a virtual object is asked. Without an idempotency key it is something that may be done twice. */
export interface ObjectRequest {
  service: string;
  key: string;
  handler: string;
  /** Undefined: an empty body. */
  parameter?: object | undefined;
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Asks a virtual object until there is an answer.
 * @throws FanoutError with the object's own status, or `unsupported` where there is no such service.
 */
export function askObject<T>(ingress: IngressAddress, asked: ObjectRequest): Promise<T> {
  const { service, key, handler, parameter, idempotencyKey, signal } = asked;
  const once = async () => {
    const timeout = AbortSignal.timeout(PATIENCE_MS);
    const within = signal ? AbortSignal.any([signal, timeout]) : timeout;
    const input = (parameter === undefined ? serde.empty : serde.json) as never;
    const opts = {
      input,
      output: serde.json as never,
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    };
    try {
      return await openIngress(ingress, within, { retry: false }).call<typeof parameter, T>({
        service,
        handler,
        key,
        parameter,
        opts: Opts.from<typeof parameter, T>(opts),
      });
    } catch (error) {
      throw failureIn(error, service, ingress);
    }
  };
  return persist(once, signal);
}

/** Restate's own 404 means that there is no such service, the object's that there is no such thing in it. */
function failureIn(error: unknown, service: string, { url }: IngressAddress): FanoutError {
  const { message, source } = error instanceof HttpCallError ? read(error.responseText) : {};
  if (error instanceof HttpCallError && source === "invocation")
    return failureOf(error.status, message ?? "", false);
  const failure = fromIngress(error, url, false);
  if (failure.code !== "not-found") return failure;
  return new FanoutError("unsupported", `The deployment at ${url} has no service "${service}".`, {
    status: 404,
  });
}
