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
 * `arn` has to be qualified by a version. A known ARN is discovered anew, because the code behind a local ARN changes.
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
    { method: "POST", body: JSON.stringify({ arn, force: true }) },
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

async function call<T>(what: string, url: URL, request: RequestInit, timeoutMs: number): Promise<T> {
  const headers = { "content-type": "application/json", accept: "application/json" };
  const response = await fetch(url, { ...request, headers, signal: AbortSignal.timeout(timeoutMs) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${what} failed: ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}
