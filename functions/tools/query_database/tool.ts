import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "query_database",
  description:
    "Reads from a PostgreSQL database: runs one SELECT (or WITH, VALUES, TABLE, SHOW, or EXPLAIN of these) and returns at most " +
    "200 rows. It cannot write. To see what there is, ask first: SELECT table_schema, table_name, column_name, " +
    "data_type FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema').",
  input: z.object({
    sql: z.string().trim().min(1).max(10_000).describe("One SQL statement in PostgreSQL's dialect."),
  }),
  output: z.object({
    columns: z.array(z.string()),
    rows: z.array(z.array(z.unknown())).describe("Each row's values in the order of the columns."),
    rowCount: z.int().describe("How many rows are here."),
    more: z.boolean().describe("Whether the query has more rows than these, which are the first that fit."),
  }),
  secrets: ["DATABASE_URL"],
  setup:
    "a role in DATABASE_URL that can only SELECT and is no superuser; " +
    'functions/README.md has the SQL for it, under "A role for query_database"',
});
