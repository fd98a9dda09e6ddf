import { ToolError } from "fanout/tool";
import { type Client, type FieldDef, Query, type QueryResult } from "pg";
import type { Reading } from "./statement.ts";
import { jsonTypes } from "./values.ts";

/** How many rows one call returns at most: as many as a model can still read. */
const MAX_ROWS = 200;
/** How many bytes one call takes from the server at most: far more than a result holds, far less than the memory. */
const MAX_BYTES = 4 * 1024 * 1024;

/** A statement's first rows, each with its values in the order of the columns. */
export interface Rows {
  columns: string[];
  rows: unknown[][];
  rowCount: number;
  /** Whether there are more rows, because of their number or their size. */
  more: boolean;
}

/**
 * Runs a statement and takes its first rows as they come. If they are too many bytes, it closes the connection and keeps the
 * rows that arrived completely.
 * @throws ToolError when not even the first row did.
 */
export async function takeRows(client: Client, { text, cursor }: Reading): Promise<Rows> {
  const taken: Taken = { rows: [], fields: [] };
  const hungUp = hangUpBeyond(client, MAX_BYTES);
  let more = false;
  try {
    await run(client, text, taken);
    if (cursor !== undefined) await run(client, `FETCH ${MAX_ROWS + 1} FROM ${cursor}`, taken);
  } catch (error) {
    if (!hungUp()) throw error;
    if (taken.rows.length === 0) throw new ToolError(TOO_LARGE, { cause: error });
    more = true;
  }
  const rows = taken.rows.slice(0, MAX_ROWS);
  return {
    columns: taken.fields.map(({ name }) => name),
    rows,
    rowCount: rows.length,
    more: more || taken.rows.length > MAX_ROWS,
  };
}

const TOO_LARGE =
  `The first row is larger than ${MAX_BYTES / 1024 / 1024} MB. ` +
  "Ask for less of it: fewer columns, or parts of long values, such as left(column, 1000).";

/** What has arrived of a statement's result so far. */
export interface Taken {
  rows: unknown[][];
  fields: FieldDef[];
}

/** Runs exactly this text; rows that arrive before an error are recorded too. */
export function run(client: Client, text: string, taken: Taken): Promise<void> {
  // The extended protocol accepts only one statement, so the server refuses a second one.
  const config = { text, queryMode: "extended", rowMode: "array", types: jsonTypes };
  return new Promise((resolve, reject) => {
    const query = new Query<unknown[]>(config);
    const note = ({ fields }: QueryResult<unknown[]>) => {
      taken.fields = fields;
    };
    query.on("row", (row, result) => {
      taken.rows.push(row);
      if (result) note(result as QueryResult<unknown[]>);
    });
    query.on("end", (result) => {
      note(result);
      resolve();
    });
    query.on("error", reject);
    client.query(query);
  });
}

/** Closes the connection when the server has sent more than this from now on. @returns whether that has happened. */
function hangUpBeyond(client: Client, maxBytes: number): () => boolean {
  let bytes = 0;
  const { stream } = client.connection;
  stream.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) stream.destroy();
  });
  return () => bytes > maxBytes;
}
