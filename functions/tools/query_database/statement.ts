import { ToolError } from "fanout/tool";
import { hasSqlDetails, parse } from "libpg-query";
import { escapeIdentifier } from "pg";

const CURSOR = "result";

/** The only kinds of statement allowed anywhere in a text, by their names in Postgres's parse tree. */
const READING = new Set(["SelectStmt", "ExplainStmt", "VariableShowStmt"]);
/** What makes a SELECT write or lock, by the field of its node. */
const NOT_READING = new Map([
  ["intoClause", "SELECT INTO"],
  ["lockingClause", "SELECT FOR UPDATE or FOR SHARE"],
]);

/** What is sent for a statement: the statement itself, or one that opens a cursor to fetch from. */
export interface Reading {
  text: string;
  cursor?: string;
}

/**
 * Reads a text with Postgres's own parser and says what to send for it. A query is sent only as the query of a cursor, for
 * which the server also accepts nothing but a query; a SHOW is rewritten from what was parsed.
 * @throws ToolError unless it is a single statement that only reads.
 */
export async function toReading(sql: string): Promise<Reading> {
  const statement = await parseOne(sql);
  const found = whatWrites(statement);
  if (found) {
    throw new ToolError(
      `This tool only reads. Expected one SELECT, WITH, VALUES, TABLE, SHOW, or EXPLAIN of a query; got ${found}.`,
    );
  }
  if ("VariableShowStmt" in statement) {
    return { text: `SHOW ${escapeIdentifier(statement.VariableShowStmt.name ?? "")}` };
  }
  if ("ExplainStmt" in statement) return { text: sql };
  return { text: `DECLARE ${CURSOR} NO SCROLL CURSOR FOR ${sql}`, cursor: CURSOR };
}

async function parseOne(sql: string) {
  // Neither can be sent: Postgres's texts end at a NUL, and half a surrogate pair has no UTF-8 encoding.
  if (sql.includes("\0") || !sql.isWellFormed()) {
    throw new ToolError("Expected SQL in UTF-8 without NUL characters.");
  }
  const { stmts = [] } = await parse(sql).catch((error: unknown) => {
    if (hasSqlDetails(error)) throw new ToolError(`Postgres: ${error.message}`, { cause: error });
    throw error;
  });
  const [first, ...more] = stmts;
  if (first?.stmt === undefined) throw new ToolError("Expected one SQL statement, got none.");
  if (more.length > 0) throw new ToolError("Expected one SQL statement, got several.");
  return first.stmt;
}

/** What in a parse tree does more than read, in SQL's terms. An explicit stack allows a tree of any depth. */
function whatWrites(tree: object): string | undefined {
  const open: object[] = [tree];
  for (let node = open.pop(); node; node = open.pop()) {
    for (const [key, child] of Object.entries(node)) {
      if (key.endsWith("Stmt") && !READING.has(key)) return inWords(key);
      if (NOT_READING.has(key)) return NOT_READING.get(key);
      if (typeof child === "object" && child !== null) open.push(child);
    }
  }
  return undefined;
}

/** `VariableSetStmt` is `VARIABLE SET`. */
const inWords = (kind: string) =>
  kind
    .replace(/Stmt$/, "")
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toUpperCase();
