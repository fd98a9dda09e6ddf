/** A cold start on a busy machine is part of a registration. */
const REGISTER_MS = 60_000;
const QUERY_MS = 30_000;

export interface Deployment {
  deploymentId: string;
  /** Names of the Restate services that the function serves. */
  services: string[];
}

/**
 * Registers a Lambda function with Restate, which discovers its services by invoking it.
 * `arn` has to be qualified by a version, whose code never changes: a known ARN is left as it is. Other versions of the
 * function stay registered, for the invocations that are pinned to them; new invocations go to the last one registered.
 * Rejects with Restate's own explanation, such as the function's error.
 */
export async function registerLambda(
  adminUrl: string,
  arn: string,
  { private: isPrivate }: { private: boolean },
): Promise<Deployment> {
  const { id, services } = await call<{ id: string; services: { name: string }[] }>(
    `Registering ${arn}`,
    new URL("/deployments", adminUrl),
    { method: "POST", body: JSON.stringify({ arn }) },
    REGISTER_MS,
  );
  const names = services.map(({ name }) => name);
  for (const name of names)
    await call(
      `Making ${name} ${isPrivate ? "private" : "public"}`,
      new URL(`/services/${encodeURIComponent(name)}`, adminUrl),
      { method: "PATCH", body: JSON.stringify({ public: !isPrivate }) },
      REGISTER_MS,
    );
  return { deploymentId: id, services: names };
}

/**
 * Runs SQL over Restate's introspection tables and returns the rows.
 * https://docs.restate.dev/references/sql-introspection
 */
export async function query<Row = Record<string, unknown>>(adminUrl: string, sql: string): Promise<Row[]> {
  const { rows } = await call<{ rows: Row[] }>(
    "A query",
    new URL("/query", adminUrl),
    { method: "POST", body: JSON.stringify({ query: sql }) },
    QUERY_MS,
  );
  return rows;
}

/**
 * Cancels an invocation, and with it the calls it waits for.
 * @throws Error in a person's words when there is no such invocation, or it has ended.
 */
export async function cancelInvocation(adminUrl: string, id: string): Promise<void> {
  const url = new URL(`/invocations/${encodeURIComponent(id)}/cancel`, adminUrl);
  const response = await fetch(url, { method: "PATCH", signal: AbortSignal.timeout(QUERY_MS) });
  if (response.ok) return;
  if (response.status === 404 || response.status === 400)
    throw new Error(`There is no run "${id}" at ${adminUrl}.`);
  if (response.status === 409) throw new Error(`The run ${id} has ended already.`);
  throw new Error(`Cancelling ${id} failed: ${url} answered ${response.status}.`);
}

/** Whether the server enforces limits on scopes: it needs flow control (vqueues) and service protocol v7. */
export async function hasScopes(adminUrl: string): Promise<boolean> {
  const url = new URL("/version", adminUrl);
  const { features } = await call<{ features?: Record<string, boolean> }>("The version", url, {}, QUERY_MS);
  return features?.vqueues === true && features.protocol_v7 === true;
}

/**
 * Limits how many invocations of each scope run at once, across the whole cluster. Needs a server with flow control.
 * https://docs.restate.dev/services/flow-control
 */
export async function limitScopes(adminUrl: string, limits: ReadonlyMap<string, number>): Promise<void> {
  const rules = [...limits].map(([scope, concurrency]) => ({
    pattern: scope,
    limits: { concurrency },
    description: `maxConcurrency of ${scope}`,
    disabled: false,
    precondition: { type: "none" },
  }));
  if (rules.length === 0) return;
  await call(
    "Limiting concurrency",
    new URL("/limits/rules", adminUrl),
    { method: "PUT", body: JSON.stringify(rules) },
    REGISTER_MS,
  );
}

async function call<T>(what: string, url: URL, request: RequestInit, timeoutMs: number): Promise<T> {
  const headers = { "content-type": "application/json", accept: "application/json" };
  const response = await fetch(url, { ...request, headers, signal: AbortSignal.timeout(timeoutMs) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${what} failed: ${url} answered ${response.status}: ${text}`);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}
