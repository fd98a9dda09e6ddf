import { FanoutError, failureOf, read } from "./error.ts";
import { persist } from "./persist.ts";
import type { StartOptions } from "./runs.ts";

/** Where the routes of `fanout/server` are mounted. */
export interface RoutesAddress {
  /** Such as `https://example.com/api`, or `/api` on a page of the same site. */
  url: string;
  /** A bearer token for the server's own `authorize`. Default: none; on a page, its cookies go along. */
  token?: string | undefined;
  /** Default: the platform's own. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** For one request, in ms; and how long a stream may be silent, which says something every 15 s. */
export const PATIENCE_MS = 45_000;

const JSON_TYPE = { "content-type": "application/json" };

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
}

/** Asks until there is an answer. */
export const ask = <T>(address: RoutesAddress, path: string, asked: Asked): Promise<T> =>
  persist(async () => {
    const timeout = AbortSignal.timeout(PATIENCE_MS);
    const response = await request(address, path, {
      ...asked,
      signal: asked.signal ? AbortSignal.any([asked.signal, timeout]) : timeout,
    });
    return (await response.json().catch((cause) => Promise.reject(unavailable(address, cause)))) as T;
  }, asked.signal);

/** Posts JSON until there is an answer. @param idempotencyKey makes it safe to repeat where it would be done twice. */
export const tell = <T>(
  address: RoutesAddress,
  path: string,
  body: object,
  { idempotencyKey, signal }: StartOptions,
): Promise<T> =>
  ask(address, path, {
    method: "POST",
    headers: { ...JSON_TYPE, ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }) },
    body: JSON.stringify(body),
    signal,
  });

/** Asks once. @throws FanoutError for an answer that is no success. */
export async function request(
  { url, token, fetch = globalThis.fetch }: RoutesAddress,
  path: string,
  { headers, ...asked }: Asked,
): Promise<Response> {
  const response = await fetch(`${url}${path}`, {
    ...asked,
    signal: asked.signal ?? null,
    headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
  }).catch((cause) => Promise.reject(unavailable({ url }, cause)));
  if (response.ok) return response;
  const { message } = read(await response.text().catch(() => ""));
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  throw failureOf(
    response.status,
    message || `${url} answered ${response.status}.`,
    false,
    Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
  );
}

const unavailable = ({ url }: RoutesAddress, cause: unknown) =>
  new FanoutError("unavailable", `The routes at ${url} do not answer.`, { cause });
