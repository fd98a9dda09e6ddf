/** For any request. A query over many invocations may take seconds. */
const READ_MS = 30_000;

/** Where a Restate's admin API is. */
export interface Admin {
  url: string;
  /** A bearer token, as Restate Cloud and servers behind a proxy want it. Default: none. */
  token?: string | undefined;
}

/** A request to the admin API. */
interface AdminRequest {
  /** What it is for, as the start of a sentence: `Registering get_weather`. */
  what: string;
  path: string;
  /** Default: GET. */
  method?: "DELETE" | "GET" | "PATCH" | "POST" | "PUT";
  /** Sent as JSON. */
  body?: unknown;
  timeoutMs?: number;
}

/** The admin API refused something, or did not answer. */
export class AdminError extends Error {
  override readonly name = "AdminError";
  /** The HTTP status; undefined if there was no answer. */
  readonly status: number | undefined;

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.status = options.status;
  }
}

/**
 * Sends a request to the admin API.
 * @returns the answer's JSON; undefined if the answer is empty.
 * @throws AdminError with Restate's own explanation.
 * @see https://docs.restate.dev/references/admin-api
 */
export async function request<T>(admin: Admin, asked: AdminRequest): Promise<T> {
  const { what, path, method = "GET", body, timeoutMs = READ_MS } = asked;
  const url = `${admin.url}${path}`;
  const response = await fetch(url, {
    method,
    headers: {
      "content-type": "application/json",
      accept: "application/json",
      ...(admin.token && { authorization: `Bearer ${admin.token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause) => {
    throw new AdminError(`Restate's admin API at ${admin.url} does not answer. Is it running?`, { cause });
  });
  const text = await response.text();
  if (response.ok) return (text === "" ? undefined : JSON.parse(text)) as T;
  const { status } = response;
  if (status === 401 || status === 403) {
    throw new AdminError(`Restate's admin API at ${admin.url} refused the token (${status}).`, { status });
  }
  throw new AdminError(`${what} failed: ${url} answered ${status}: ${text}`, { status });
}

/**
 * Runs SQL over Restate's introspection tables and returns the rows.
 * @throws AdminError with Restate's own explanation.
 * @see https://docs.restate.dev/references/sql-introspection
 */
export async function query<Row = Record<string, unknown>>(admin: Admin, sql: string): Promise<Row[]> {
  for (let tries = 1; ; tries++) {
    try {
      const { rows } = await request<{ rows: Row[] }>(admin, {
        what: "A query",
        path: "/query",
        method: "POST",
        body: { query: sql },
      });
      return rows;
    } catch (error) {
      if (tries === MAX_TRIES || !isOfTheServerBefore(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** How often, and after how long, a server that has just begun is asked again: until it has noticed that the one before is gone. */
const MAX_TRIES = 20;
const PAUSE_MS = 250;

const isOfTheServerBefore = (error: unknown): boolean =>
  error instanceof AdminError && error.message.includes("was shut down or removed");
