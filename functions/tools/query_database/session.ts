import { ToolError } from "fanout/tool";
import type { Client } from "pg";

/** How long a statement may run, in ms: a third of the call's timeout. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** How long a statement may wait for a lock, in ms. */
const LOCK_TIMEOUT_MS = 2_000;
/** How often the server checks whether this function is still connected, in ms. */
const CONNECTION_CHECK_MS = 1_000;

/**
 * Begins a transaction that cannot write and does not run for long. It reads literals as `statement.ts` does and prints times
 * in ISO 8601, whatever the role's or the database's own settings are.
 */
const BEGIN = `
  BEGIN TRANSACTION READ ONLY;
  SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS};
  SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS};
  SET LOCAL standard_conforming_strings = on;
  SET LOCAL DateStyle = 'ISO'`;

/**
 * Whether the role that logged in is, or can become, one that a read-only transaction does not restrict: a superuser, or one
 * with access to the server's files and programs.
 * @see https://www.postgresql.org/docs/current/predefined-roles.html
 */
const IS_UNBOUND = `
  SELECT EXISTS (
    SELECT FROM pg_roles
    WHERE (rolsuper OR rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))
      AND pg_has_role(session_user, oid, 'MEMBER')
  ) AS unbound`;

/**
 * Prepares a new connection for one reading statement.
 * @throws ToolError when the role may do more than a reading tool should.
 */
export async function beginReading(client: Client): Promise<void> {
  // Lets the server end the query when this function is gone. It needs Postgres 14 on Linux; elsewhere the timeout does it.
  await client.query(`SET client_connection_check_interval = ${CONNECTION_CHECK_MS}`).catch(() => {});
  await client.query(BEGIN);
  const { rows } = await client.query<{ unbound: boolean }>(IS_UNBOUND);
  if (rows[0]?.unbound !== false) {
    throw new ToolError(
      "Not run: the role in DATABASE_URL is or can become a superuser, or reaches the server's files. " +
        'Give this tool a role that can only SELECT; functions/README.md says how under "A role for query_database".',
    );
  }
}
