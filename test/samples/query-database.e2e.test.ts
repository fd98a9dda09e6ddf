import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { queryDatabase } from "../../functions/tools/query_database/handler.ts";
import { run } from "../../functions/tools/query_database/rows.ts";
import { beginReading } from "../../functions/tools/query_database/session.ts";
import { toReading } from "../../functions/tools/query_database/statement.ts";
import { eventually } from "../support/eventually.ts";
import { ROOT } from "../support/imports.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

/** The role that functions/README.md gives to the tool. */
const READER = "fanout_reader";
/** A role that may write, and whose settings are not the usual ones. */
const CARELESS = "careless";

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.run(`
    CREATE TABLE orders (id integer PRIMARY KEY, note text);
    INSERT INTO orders SELECT id, repeat('x', 100000) FROM generate_series(1, 150) AS id;
    CREATE SEQUENCE numbers;
    CREATE ROLE ${CARELESS} LOGIN;
    GRANT ALL ON ALL TABLES IN SCHEMA public TO ${CARELESS};
    GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO ${CARELESS};
    ALTER ROLE ${CARELESS} SET standard_conforming_strings = off;
    ALTER ROLE ${CARELESS} SET DateStyle = 'SQL, DMY';
    ALTER ROLE ${CARELESS} SET TimeZone = 'Asia/Kolkata';
    CREATE ROLE chief SUPERUSER LOGIN;
    CREATE ROLE deputy LOGIN IN ROLE chief;
    CREATE ROLE programmer LOGIN IN ROLE pg_execute_server_program;`);
  await postgres.run(readmesRole());
});
afterAll(() => postgres?.stop());

function readmesRole(): string {
  const [, sql = ""] =
    /^```sql\n([\s\S]*?)^```$/m.exec(readFileSync(join(ROOT, "functions/README.md"), "utf8")) ?? [];
  return sql;
}

const ask = (sql: string, role = READER, signal = new AbortController().signal) =>
  queryDatabase(
    { sql },
    { env: {}, secrets: { DATABASE_URL: postgres.url(role) }, signal, attempt: 1, idempotencyKey: "test" },
  );
const row = async (sql: string, role = READER) => (await ask(sql, role)).rows[0];

describe("the role", () => {
  test("that functions/README.md gives reads, and that is all it may do", async () => {
    expect(await row("SELECT count(*) FROM orders")).toEqual([150]);
    const may = (right: string) => `has_table_privilege('orders', '${right}')`;
    expect(await row(`SELECT ${may("SELECT")}, ${may("INSERT, UPDATE, DELETE, TRUNCATE")}`)).toEqual([
      true,
      false,
    ]);
    await postgres.run("CREATE TABLE later (id integer)");
    expect(await ask("TABLE later")).toMatchObject({ columns: ["id"], rowCount: 0 });
  });

  test.each(["owner", "chief", "deputy", "programmer"])(
    "%s is refused: it is bound by nothing",
    async (role) => {
      await expect(ask("SELECT 1", role)).rejects.toMatchObject({
        name: "ToolError",
        message: expect.stringMatching(/^Not run: the role in DATABASE_URL is or can become a superuser/),
        retryable: false,
      });
    },
  );

  test("that may write does not in a read-only transaction", async () => {
    for (const sql of [
      "SELECT nextval('numbers')",
      "SELECT lo_create(1)",
      "EXPLAIN ANALYZE SELECT nextval('numbers')",
    ]) {
      await expect(ask(sql, CARELESS)).rejects.toThrow("This tool only reads.");
    }
  });
});

describe("what a model may send", () => {
  /** Each text is made of what seems to begin a comment or a literal, a harmless word, what seems to end it, a statement. */
  const OPEN = ["", "/*", "/*/**/", "--", "--\r", "'", "E'\\'", "$$", '"', "U&'", "\ufeff", "("];
  const WORD = ["", "SELECT", "EXPLAIN ", "SHOW"];
  const CLOSE = ["", "*/", "*/*/", "\n", "\r", "\u2028", "'", "\\'", "$$", '"', ")", ";"];
  const STATEMENT = ["SELECT 1", "SHOW ALL", "EXPLAIN TABLE orders", "COMMIT", "COPY orders TO STDOUT"];
  const texts = OPEN.flatMap((open) =>
    WORD.flatMap((word) =>
      CLOSE.flatMap((close) => STATEMENT.map((statement) => open + word + close + statement)),
    ),
  );

  test("is what the server, too, reads as one query, EXPLAIN or SHOW", async () => {
    const client = new Client(postgres.url(CARELESS));
    await client.connect();
    const done: string[] = [];
    client.connection.on("commandComplete", ({ text }: { text: string }) => done.push(text));
    let sent = 0;
    for (const text of texts) {
      if (!(await toReading(text).catch(() => undefined))) continue;
      await beginReading(client);
      done.length = 0;
      // As it is, without the cursor that would keep it a query.
      await run(client, text, { rows: [], fields: [] }).catch(() => {});
      expect(
        done.filter((tag) => !/^(SELECT|EXPLAIN|SHOW)\b/.test(tag)),
        JSON.stringify(text),
      ).toEqual([]);
      sent += done.length;
      await client.query("ROLLBACK");
    }
    await client.end();
    expect(sent).toBeGreaterThan(50);
  });

  test("is read by the standard's rules, whatever the role's settings are", async () => {
    expect(await row(String.raw`SELECT 'a\', '; COMMIT; --'`, CARELESS)).toEqual(["a\\", "; COMMIT; --"]);
  });
});

describe("values", () => {
  test("times are what Postgres prints, whatever the role's DateStyle is", async () => {
    const times = [
      ["timestamptz '0001-01-01 00:00:00+00'", "0001-01-01 05:53:28+05:53:28"],
      ["timestamptz '2026-01-02 03:04:05.123456+00'", "2026-01-02T08:34:05.123456+05:30"],
      ["timestamptz '2026-01-02 00:00' AT TIME ZONE 'UTC'", "2026-01-01T18:30:00"],
      ["timestamptz 'infinity'", "infinity"],
      ["timestamp '0044-03-15 12:00 BC'", "0044-03-15 12:00:00 BC"],
      ["timestamp '0099-12-31 23:59:59.5'", "0099-12-31T23:59:59.5"],
      ["timestamp '12026-01-01'", "12026-01-01 00:00:00"],
      ["timestamp '-infinity'", "-infinity"],
      ["date '0001-01-01'", "0001-01-01"],
      ["date '0001-01-01 BC'", "0001-01-01 BC"],
      ["date '31/12/2026'", "2026-12-31"],
    ];
    expect(await row(`SELECT ${times.map(([sql]) => sql).join(", ")}`, CARELESS)).toEqual(
      times.map(([, text]) => text),
    );
    expect(await row("SELECT timestamptz '0001-01-01 00:00:00+00', timestamptz '2026-01-01+02'")).toEqual([
      "0001-01-01T00:00:00+00:00",
      "2025-12-31T22:00:00+00:00",
    ]);
  });

  test("numbers keep their digits, in JSON too", async () => {
    const json =
      '{"id": 12345678901234567890, "small": [1, -2.5, 0.1], "double": 0.30000000000000004, "huge": 1e400}';
    const read = {
      id: "12345678901234567890",
      small: [1, -2.5, 0.1],
      double: 0.30000000000000004,
      huge: "1e400",
    };
    expect(
      await row(`SELECT '${json}'::json, '${json.replace("1e400", "1")}'::jsonb, 9007199254740993::bigint,
                        1234567890.12345678901::numeric, 'Infinity'::float8, '12345678901234567890'::json`),
    ).toEqual([
      read,
      { ...read, huge: 1 },
      "9007199254740993",
      "1234567890.12345678901",
      "Infinity",
      "12345678901234567890",
    ]);
  });

  test("without a JSON form of their own stay Postgres's text", async () => {
    expect(
      await row(`SELECT '\\x00ff'::bytea, ARRAY[9007199254740993, 1], int4range(1, 3), interval '1 year 2 days',
                        repeat('[', 3000)::text || repeat(']', 3000), (repeat('[', 3000) || repeat(']', 3000))::json`),
    ).toEqual([
      "\\x00ff",
      "{9007199254740993,1}",
      "[1,3)",
      "1 year 2 days",
      expect.any(String),
      expect.anything(),
    ]);
  });
});

describe("rows that outgrow memory", () => {
  test("end with those that came whole", async () => {
    const { rows, rowCount, more } = await ask("SELECT id, note FROM orders ORDER BY id");
    expect(rowCount).toBeGreaterThan(10);
    expect(rowCount).toBeLessThan(50);
    expect(more).toBe(true);
    expect(rows.at(-1)).toEqual([rowCount, "x".repeat(100_000)]);
  });

  test.each([
    "SELECT repeat('x', 6000000)",
    "SELECT repeat('x', 6000000)::integer",
    "EXPLAIN (VERBOSE, FORMAT JSON) SELECT repeat('x', 6000000)",
  ])("are told when not even one fits: %s", async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({
      name: "ToolError",
      message: expect.stringMatching(/^The first row is larger than 4 MB\. /),
      retryable: false,
    });
  });
});

describe.concurrent("timeouts", () => {
  test("a statement that runs too long is stopped", async () => {
    await expect(ask("SELECT pg_sleep(25)")).rejects.toMatchObject({
      message: expect.stringMatching(/^The query ran too long and was stopped\./),
      retryable: false,
    });
  });

  test("a query does not wait long for a lock", async () => {
    await postgres.run("CREATE TABLE locked (id integer)");
    const holder = await postgres.connect();
    try {
      await holder.query("BEGIN; LOCK TABLE locked");
      await expect(ask("TABLE locked")).rejects.toMatchObject({
        message: "Postgres has locked what the query reads",
        retryable: true,
      });
    } finally {
      await holder.end();
    }
  });

  test("the server stops a query whose function is gone", async () => {
    const watcher = await postgres.connect();
    const sleeping = `SELECT pid FROM pg_stat_activity WHERE usename = '${CARELESS}' AND wait_event = 'PgSleep'`;
    const backend = async () => (await watcher.query<{ pid: number }>(sleeping)).rows[0]?.pid;
    try {
      const gone = new AbortController();
      const asked = expect(ask("SELECT pg_sleep(600)", CARELESS, gone.signal)).rejects.toThrow(
        "Postgres was not waited for any longer",
      );
      await eventually(backend).toBeTypeOf("number");
      const pid = await backend();
      gone.abort();
      await asked;
      await eventually(backend).toBeUndefined();
      const log = postgres.log().split("\n");
      const ending = log.filter((line) => line.includes(`[${pid}]`)).join("\n");
      expect(ending).toContain("connection to client lost");
      expect(ending).not.toContain("statement timeout");
    } finally {
      await watcher.end();
    }
  });
});
