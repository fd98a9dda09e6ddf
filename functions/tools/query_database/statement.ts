import { ToolError } from "../../../lib/tool/index.ts";

const CURSOR = "result";

/** What stands before a statement's first word: blanks, comments, parentheses. */
const LEADING = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|\()*/;
/** Statements that a cursor can read from, a few rows at a time. */
const THROUGH_CURSOR = new Set(["SELECT", "WITH", "VALUES", "TABLE"]);
/** Statements that only read and have short results, but no cursor. */
const DIRECT = new Set(["EXPLAIN", "SHOW"]);

const firstWord = (sql: string) => (/^[a-z]*/i.exec(sql.replace(LEADING, ""))?.[0] ?? "").toUpperCase();

/** @throws ToolError when the statement is of a kind that cannot only read. */
export function refuseUnlessItReads(sql: string): void {
  const word = firstWord(sql);
  if (THROUGH_CURSOR.has(word) || DIRECT.has(word)) return;
  const allowed = [...THROUGH_CURSOR, ...DIRECT].join(", ");
  throw new ToolError(
    `This tool only reads. Expected one statement of ${allowed}, got ${word || JSON.stringify(sql.slice(0, 20))}.`,
  );
}

/** The statement to send, and the cursor to fetch from where it has one. */
export function statementFor(sql: string): { text: string; cursor?: string } {
  return DIRECT.has(firstWord(sql))
    ? { text: sql }
    : { text: `DECLARE ${CURSOR} NO SCROLL CURSOR FOR ${sql}`, cursor: CURSOR };
}
