import { ToolError } from "fanout/tool";
import { type Client, DatabaseError } from "pg";

/** How many tables a message lists at most. */
const MAX_TABLES = 50;

/** Conditions that pass by themselves, by SQLSTATE. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const PASSING = new Map([
  ["53300", "has too many connections"],
  ["55P03", "has locked what the query reads"],
  ["57P01", "is shutting down"],
  ["57P03", "is starting up"],
  ["40001", "saw concurrent changes"],
]);

/** Turns what went wrong into a result that the model can act on. */
export async function toToolError(error: unknown, client: Client, signal: AbortSignal): Promise<ToolError> {
  if (error instanceof ToolError) return error;
  if (signal.aborted) return new ToolError("Postgres was not waited for any longer", { cause: error });
  if (!(error instanceof DatabaseError)) return unreachable(error);
  const { code = "", message, hint } = error;
  const passing = PASSING.get(code);
  if (passing) return new ToolError(`Postgres ${passing}`, { retryable: true, cause: error });
  return new ToolError(await explain(code, hint ? `${message}. ${hint}` : message, client), { cause: error });
}

async function explain(code: string, message: string, client: Client): Promise<string> {
  switch (code) {
    case "25006":
      return `This tool only reads. ${message}`;
    case "57014":
      return "The query ran too long and was stopped. Ask for less: a narrower WHERE, fewer joins.";
    case "28000":
    case "28P01":
      return "Postgres rejected the login";
    case "42P01":
      return `${message}. Tables: ${await tables(client)}.`;
    default:
      return `Postgres: ${message}`;
  }
}

async function tables(client: Client): Promise<string> {
  try {
    await client.query("ROLLBACK");
    const { rows } = await client.query<{ name: string }>(
      `SELECT CASE table_schema WHEN 'public' THEN table_name ELSE table_schema || '.' || table_name END AS name
       FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
       ORDER BY name LIMIT ${MAX_TABLES}`,
    );
    return rows.map(({ name }) => name).join(", ") || "none";
  } catch {
    return "unknown";
  }
}

/** Node's connection errors carry addresses, so none of their text is passed on. */
function unreachable(error: unknown): ToolError {
  return new ToolError("Postgres could not be reached", { retryable: true, cause: error });
}
