import { Socket } from "node:net";
import { implementTool, serve, type ToolContext } from "fanout/tool";
import { Client } from "pg";
import type * as z from "zod";
import { toToolError } from "./error.ts";
import { takeRows } from "./rows.ts";
import { beginReading } from "./session.ts";
import { toReading } from "./statement.ts";
import tool from "./tool.ts";

const CONNECT_TIMEOUT_MS = 15_000;

type Context = ToolContext<never, (typeof tool.secrets)[number]>;

/** Runs one reading statement in a read-only transaction, through a cursor so that only the first rows are sent. */
export async function queryDatabase({ sql }: z.output<typeof tool.input>, { secrets, signal }: Context) {
  const reading = await toReading(sql);
  const socket = new Socket();
  const client = new Client({
    stream: () => socket,
    connectionString: secrets.DATABASE_URL,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: tool.name,
  });
  // A broken connection also rejects the query in progress, where it is handled.
  client.on("error", () => {});
  const abandon = () => void socket.destroy();
  signal.addEventListener("abort", abandon, { once: true });
  try {
    await client.connect();
    await beginReading(client);
    return await takeRows(client, reading);
  } catch (error) {
    throw await toToolError(error, client, signal);
  } finally {
    signal.removeEventListener("abort", abandon);
    if (!socket.destroyed) await client.end();
  }
}

export const service = implementTool(tool, queryDatabase);
export const handler = serve(service);
