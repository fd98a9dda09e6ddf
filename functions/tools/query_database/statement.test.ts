import { describe, expect, test } from "vitest";
import { toReading } from "./statement.ts";

describe("the text that is sent", () => {
  test.each([
    "WITH recent AS (SELECT * FROM orders) SELECT count(*) FROM recent",
    "(SELECT 1) UNION (SELECT 2)",
    "/* first */ -- then\n SELECT 1 -- last",
    "VALUES (1), (2)",
    "TABLE products",
    "SELECT 'COMMIT; INSERT', $$ -- ; DELETE $$, \"DROP\" /* ; /* COPY */ LOAD */ FROM t;",
  ])("for %j is a cursor's query", async (sql) => {
    expect(await toReading(sql)).toEqual({
      text: `DECLARE result NO SCROLL CURSOR FOR ${sql}`,
      cursor: "result",
    });
  });

  test.each(["EXPLAIN SELECT * FROM orders", "explain (analyze, format json) VALUES (1)"])(
    "for %j is itself",
    async (sql) => {
      expect(await toReading(sql)).toEqual({ text: sql });
    },
  );

  test.each([
    ["SHOW server_version", 'SHOW "server_version"'],
    ["show all", 'SHOW "all"'],
    ["SHOW TIME ZONE", 'SHOW "timezone"'],
    ['SHOW "a""; COMMIT; --"', 'SHOW "a""; COMMIT; --"'],
  ])("for %j is rewritten", async (sql, text) => {
    expect(await toReading(sql)).toEqual({ text });
  });
});

describe("a text is refused if", () => {
  test.each([
    ["INSERT INTO customers VALUES (99)", "INSERT"],
    ["DROP TABLE orders", "DROP"],
    ["COMMIT", "TRANSACTION"],
    ["PREPARE TRANSACTION 'a'", "TRANSACTION"],
    ["LOAD 'auto_explain'", "LOAD"],
    ["LISTEN a", "LISTEN"],
    ["LOCK TABLE orders", "LOCK"],
    ["DO $$ BEGIN END $$", "DO"],
    ["CALL p()", "CALL"],
    ["PREPARE p AS SELECT 1", "PREPARE"],
    ["EXECUTE p", "EXECUTE"],
    ["DECLARE c CURSOR FOR SELECT 1", "DECLARE CURSOR"],
    ["SET default_transaction_read_only = off", "VARIABLE SET"],
    ["COPY orders TO PROGRAM 'cat'", "COPY"],
    // After comments, where a statement's first word is easily mistaken.
    ["/*/**/ EXPLAIN */ COPY orders TO PROGRAM 'cat'", "COPY"],
    ["--\rCOPY orders TO PROGRAM $$\nEXPLAIN $$", "COPY"],
    ["/*/*/*/**/*/*/ SELECT */ COMMIT", "TRANSACTION"],
    ["EXPLAIN ANALYZE DELETE FROM order_items", "DELETE"],
    ["EXPLAIN (ANALYZE) CREATE TABLE copy AS SELECT 1", "CREATE TABLE AS"],
    ["EXPLAIN ANALYZE EXECUTE p", "EXECUTE"],
    ["EXPLAIN DECLARE c CURSOR FOR SELECT 1", "DECLARE CURSOR"],
    ["EXPLAIN WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone", "DELETE"],
    ["WITH new AS (INSERT INTO a VALUES (1) RETURNING *) SELECT * FROM new", "INSERT"],
    ["SELECT (WITH m AS (MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE) SELECT 1)", "MERGE"],
    ["SELECT * INTO copy FROM orders", "SELECT INTO"],
    ["(SELECT 1 INTO copy) UNION SELECT 2", "SELECT INTO"],
    ["SELECT * FROM orders FOR UPDATE", "SELECT FOR UPDATE or FOR SHARE"],
    ["SELECT * FROM (SELECT * FROM orders FOR KEY SHARE) o", "SELECT FOR UPDATE or FOR SHARE"],
  ])("%j does more than read", async (sql, what) => {
    await expect(toReading(sql)).rejects.toMatchObject({
      name: "ToolError",
      message: `This tool only reads. Expected one SELECT, WITH, VALUES, TABLE, SHOW, or EXPLAIN of a query; got ${what}.`,
      retryable: false,
    });
  });

  test.each([
    ["SELECT 1; SELECT 2", "Expected one SQL statement, got several."],
    ["SELECT E'\\'; COMMIT; --'; COMMIT", "Expected one SQL statement, got several."],
    ["SELECT '\\'; COMMIT; --'", "Expected one SQL statement, got several."],
    ["-- nothing", "Expected one SQL statement, got none."],
    ["SELECT 1\0; COMMIT", "Expected SQL in UTF-8 without NUL characters."],
    ["SELECT '\ud800'", "Expected SQL in UTF-8 without NUL characters."],
    ["SELECT * FROM order", 'Postgres: syntax error at or near "order"'],
    ["SELECT /* /* */ 1", 'Postgres: unterminated /* comment at or near "/* /* */ 1"'],
  ])("%j is not one statement", async (sql, message) => {
    await expect(toReading(sql)).rejects.toMatchObject({ name: "ToolError", message });
  });

  test.each([
    ["parentheses", (n: number) => `SELECT ${"(".repeat(n)}1${")".repeat(n)}`, 4990],
    ["operators", (n: number) => `SELECT 1${"+1".repeat(n)}`, 4990],
    ["comments", (n: number) => `${"/*".repeat(n)}${"*/".repeat(n)}SELECT 1`, 2490],
    ["queries", (n: number) => `${"SELECT (".repeat(n)}1${")".repeat(n)}`, 1100],
  ])("no text of 10,000 characters brings the parser down: %s", async (_, make, depth) => {
    expect((await toReading(make(depth))).cursor).toBe("result");
    await expect(toReading(`${make(depth)} FOR UPDATE`)).rejects.toThrow("This tool only reads.");
  });
});
