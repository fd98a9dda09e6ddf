import { type RunningStandIn, runTool, startStandIn } from "fanout/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { service } from "./handler.ts";
import standIn from "./stand-in.ts";
import tool from "./tool.ts";

const START_MS = 120_000;

let provider: RunningStandIn;
beforeAll(async () => {
  provider = await startStandIn(standIn);
  // PGlite starts with the first connection. On a busy machine that takes longer than the connection waits.
  await vi.waitFor(() => ask("SELECT 1"), { timeout: START_MS });
}, START_MS);
afterAll(() => provider.stop());

const ask = (sql: string, signal?: AbortSignal) => runTool(service, { sql }, { env: provider.env, signal });

describe("query_database", () => {
  test("returns columns and rows in order", async () => {
    const result = await ask("SELECT id, name FROM customers ORDER BY id LIMIT 2;");
    expect(tool.output.parse(result)).toEqual(result);
    expect(result).toEqual({
      columns: ["id", "name"],
      rows: [
        [1, "Aiko Tanaka"],
        [2, "Ben Carter"],
      ],
      rowCount: 2,
      more: false,
    });
  });

  test("keeps values exact in JSON", async () => {
    const { rows } = await ask(
      `SELECT 1.50::numeric, 9007199254740993::bigint, 12::bigint, date '2026-01-02', true, NULL, 'NaN'::float8,
              timestamptz '2026-01-02 03:04:05+02', timestamp '2026-01-02 03:04:05', '{"a": [1]}'::jsonb,
              ARRAY[1, 2], '\\x00ff'::bytea, 1 AS n, 2 AS n`,
    );
    expect(rows).toEqual([
      [
        1.5,
        "9007199254740993",
        12,
        "2026-01-02",
        true,
        null,
        "NaN",
        "2026-01-02T01:04:05+00:00",
        "2026-01-02T03:04:05",
        { a: [1] },
        "{1,2}",
        "\\x00ff",
        1,
        2,
      ],
    ]);
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
  });

  test("stops at 200 rows and says that there are more", async () => {
    const result = await ask("SELECT * FROM generate_series(1, 1000000)");
    expect(result).toMatchObject({ rowCount: 200, more: true });
    expect(await ask("SELECT * FROM generate_series(1, 200)")).toMatchObject({ rowCount: 200, more: false });
  });

  test.each([
    "WITH recent AS (SELECT * FROM orders) SELECT count(*) FROM recent",
    "/* first */ -- then\n SELECT 1 -- last",
    "VALUES (1), (2)",
    "EXPLAIN SELECT * FROM orders",
    "SHOW server_version",
  ])("reads with %s", async (sql) => {
    expect((await ask(sql)).rowCount).toBeGreaterThan(0);
  });

  test.each(["DELETE FROM orders", "COMMIT", "SELECT 1; DELETE FROM orders"])("refuses %s", async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({ name: "ToolError", retryable: false });
    expect((await ask("SELECT count(*) FROM orders")).rows).toEqual([[60]]);
  });

  test("refuses to leave the read-only transaction from inside a query", async () => {
    await expect(ask("SELECT set_config('transaction_read_only', 'off', true)")).rejects.toThrow(
      "transaction read-write mode",
    );
  });

  test("lists the tables when one is unknown", async () => {
    await expect(ask("SELECT * FROM order")).rejects.toThrow('syntax error at or near "order"');
    await expect(ask("SELECT * FROM invoices")).rejects.toThrow(
      'relation "invoices" does not exist. Tables: customers, order_items, orders, products.',
    );
  });

  test("passes on Postgres's own message and hint about a mistake", async () => {
    await expect(ask("SELECT nam FROM customers")).rejects.toMatchObject({
      message:
        'Postgres: column "nam" does not exist. Perhaps you meant to reference the column "customers.name".',
      retryable: false,
    });
    await expect(ask("SELECT 1 / 0")).rejects.toThrow("division by zero");
  });

  test("answers calls from several functions at once", async () => {
    const calls = Array.from({ length: 12 }, (_, n) => ask(`SELECT ${n}, count(*) FROM orders`));
    expect((await Promise.all(calls)).map(({ rows }) => rows[0])).toEqual(
      Array.from({ length: 12 }, (_, n) => [n, 60]),
    );
  });

  test("tries again later when there are too many connections or the server is starting", async () => {
    provider.fail({ rateLimitRate: 1 });
    await expect(ask("SELECT 1")).rejects.toMatchObject({
      message: "Postgres has too many connections",
      retryable: true,
    });
    provider.fail({ errorRate: 1 });
    await expect(ask("SELECT 1")).rejects.toMatchObject({
      message: "Postgres is starting up",
      retryable: true,
    });
    provider.recover();
  });

  test("does not reveal the address of an unreachable server", async () => {
    const secrets = { DATABASE_URL: "postgresql://me:pass@127.0.0.1:1/db" };
    await expect(runTool(service, { sql: "SELECT 1" }, { secrets })).rejects.toMatchObject({
      message: "Postgres could not be reached",
      retryable: true,
    });
  });

  test("drops a silent server when nobody waits for the call any more", async () => {
    provider.fail({ hang: true });
    const started = performance.now();
    await expect(ask("SELECT 1", AbortSignal.timeout(50))).rejects.toMatchObject({
      message: "Postgres was not waited for any longer",
      retryable: false,
    });
    expect(performance.now() - started).toBeLessThan(2000);
    provider.recover();
  });
});
