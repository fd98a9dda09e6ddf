import { Socket } from "node:net";
import { Client } from "pg";
import type * as z from "zod";
import { implementTool, serve, type ToolContext } from "../../../lib/tool/index.ts";
import { toToolError } from "./error.ts";
import { refuseUnlessItReads, statementFor } from "./statement.ts";
import tool from "./tool.ts";
import { jsonTypes } from "./values.ts";

/** Rows that one call returns at most: what a model can still read. */
const MAX_ROWS = 200;
/** How long a statement may run, in ms: a third of the call's timeout. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** How long a statement may wait for a lock, in ms. */
const LOCK_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 15_000;

type Context = ToolContext<never, (typeof tool.secrets)[number]>;

/** Runs one reading statement in a read-only transaction, through a cursor so that only the first rows travel. */
export async function queryDatabase({ sql }: z.output<typeof tool.input>, { secrets, signal }: Context) {
  refuseUnlessItReads(sql);
  const socket = new Socket();
  const client = new Client({
    stream: () => socket,
    connectionString: secrets.DATABASE_URL,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: tool.name,
  });
  // A connection that breaks also rejects the query in progress, where it is handled.
  client.on("error", () => {});
  const abandon = () => void socket.destroy();
  signal.addEventListener("abort", abandon, { once: true });
  try {
    await client.connect();
    await begin(client);
    return await read(client, sql);
  } catch (error) {
    throw await toToolError(error, client, signal);
  } finally {
    signal.removeEventListener("abort", abandon);
    if (!socket.destroyed) await client.end();
  }
}

async function begin(client: Client): Promise<void> {
  // Lets the server end the query when this function is gone. Needs Postgres 14 on Linux; elsewhere the timeout has to do.
  await client.query("SET client_connection_check_interval = '1s'").catch(() => {});
  await client.query(
    `BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`,
  );
}

async function read(client: Client, sql: string) {
  const { text, cursor } = statementFor(sql);
  // The extended protocol takes one statement only, so a second one is refused by the server.
  const query = { text, queryMode: "extended", rowMode: "array", types: jsonTypes };
  let result = await client.query<unknown[]>(query);
  if (cursor) result = await client.query({ ...query, text: `FETCH ${MAX_ROWS + 1} FROM ${cursor}` });
  const rows = result.rows.slice(0, MAX_ROWS);
  return {
    columns: result.fields.map(({ name }) => name),
    rows,
    rowCount: rows.length,
    more: result.rows.length > MAX_ROWS,
  };
}

export const service = implementTool(tool, queryDatabase);
export const handler = serve(service);
