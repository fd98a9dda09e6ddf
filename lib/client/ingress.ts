import { connect, type Ingress } from "@restatedev/restate-sdk-clients";

/** Where a Restate ingress is. */
export interface IngressAddress {
  /** Such as `http://localhost:8080`. */
  url: string;
  /** A bearer token, as Restate Cloud wants it. Default: none. */
  token?: string | undefined;
  /** Default: the platform's own. */
  fetch?: typeof globalThis.fetch | undefined;
}

/**
 * Restate's own client, whose requests end with the signal. It tries again, for a minute at most, what may succeed later and is
 * safe to repeat: what has an idempotency key, and what only reads.
 */
export function openIngress(
  { url, token, fetch = globalThis.fetch }: IngressAddress,
  signal?: AbortSignal,
  { retry = true }: { retry?: boolean } = {},
): Ingress {
  return connect({
    url,
    retry,
    ...(token && { headers: { authorization: `Bearer ${token}` } }),
    fetch: (input, init) => fetch(input, { ...init, ...(signal && { signal }) }),
  });
}
