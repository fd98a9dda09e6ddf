import type { Found, Words } from "fanout/sandbox";
import * as z from "zod";

const THING = "(customers|products|orders)";

/** Questions about the sample shop and the SQL that answers them; the first that matches counts. */
const QUESTIONS: [RegExp, (match: RegExpExecArray) => string][] = [
  [
    /\b(?:which|what|list|show)\b.{0,30}\b(?:tables|schema|columns)\b|\b(?:query|look in|read)\b.{0,10}\bdatabase\b/i,
    () =>
      "SELECT table_name, string_agg(column_name, ', ' ORDER BY ordinal_position) AS columns " +
      "FROM information_schema.columns WHERE table_schema = 'public' GROUP BY table_name ORDER BY table_name",
  ],
  [
    new RegExp(`\\b(?:how many|number of|count)\\s+(?:the\\s+)?${THING}\\b`, "i"),
    ([, thing]) => count(thing),
  ],
  [
    /\b(?:top|best|biggest)\s+(\d{1,2})?\s*(?:selling\s+)?(customers|products)\b/i,
    ([, limit, thing]) => top(thing, limit),
  ],
  [/\b(?:revenue|sales|turnover)\b.{0,20}\b(month|country|category)\b/i, ([, part]) => revenueBy(part)],
  [/\b(?:revenue|sales|turnover)\b/i, () => `SELECT ${REVENUE} AS revenue FROM order_items`],
  [
    new RegExp(`\\b(?:list|show|recent|latest|newest|last)\\b.{0,20}\\b${THING}\\b`, "i"),
    ([, thing]) => `SELECT * FROM ${thing?.toLowerCase()} ORDER BY id DESC LIMIT 10`,
  ],
];

const REVENUE = "sum(quantity * unit_price)";
const count = (thing = "orders") => `SELECT count(*) AS ${thing.toLowerCase()} FROM ${thing.toLowerCase()}`;
const top = (thing = "products", limit = "5") =>
  /customers/i.test(thing)
    ? `SELECT c.name, ${REVENUE} AS revenue FROM customers c JOIN orders o ON o.customer_id = c.id JOIN order_items i ON i.order_id = o.id GROUP BY c.name ORDER BY revenue DESC LIMIT ${limit}`
    : `SELECT p.name, ${REVENUE} AS revenue FROM products p JOIN order_items i ON i.product_id = p.id GROUP BY p.name ORDER BY revenue DESC LIMIT ${limit}`;

function revenueBy(part = "month"): string {
  const column = {
    month: "to_char(o.ordered_at, 'YYYY-MM')",
    country: "c.country",
    category: "p.category",
  }[part.toLowerCase()];
  return `SELECT ${column} AS ${part.toLowerCase()}, ${REVENUE} AS revenue FROM order_items i JOIN orders o ON o.id = i.order_id JOIN customers c ON c.id = o.customer_id JOIN products p ON p.id = i.product_id GROUP BY 1 ORDER BY 1`;
}

/** How many rows an answer lists; the model has seen them all. */
const LISTED = 5;

const output = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.array(z.unknown())),
  rowCount: z.number(),
  more: z.boolean(),
});

/** The sample shop's database: SQL in backticks or from SELECT on, and a few questions in words. */
export const words: Words = {
  order: 4,
  example: "How many orders are there? Or: run `select * from customers limit 3`",
  find: (words) => {
    const sql = sqlIn(words);
    if (sql) return [sql];
    const found = QUESTIONS.flatMap(([pattern, toSql]) => {
      const match = pattern.exec(words);
      return match ? [{ at: match.index, length: match[0].length, input: { sql: toSql(match) } }] : [];
    });
    // Two patterns may read the same words; the more specific one comes first.
    return found.filter(
      ({ at, length }, index) =>
        !found.slice(0, index).some((other) => at < other.at + other.length && other.at < at + length),
    );
  },
  say: (_input, result) => {
    const { data } = output.safeParse(result);
    if (!data) return undefined;
    const [first] = data.rows;
    if (data.rows.length === 1 && first?.length === 1) {
      return `The database says: ${data.columns[0]} = ${first[0]}.`;
    }
    const lines = data.rows.slice(0, LISTED).map((row) => `  ${row.join(" | ")}`);
    const rest = data.more || data.rowCount > LISTED ? ["  …"] : [];
    return [
      `The database has ${data.more ? "more than " : ""}${data.rowCount} rows:`,
      `  ${data.columns.join(" | ")}`,
      ...lines,
      ...rest,
    ].join("\n");
  },
};

function sqlIn(words: string): Found | undefined {
  const quoted = /`{1,3}(?:sql\b)?\s*([^`]+?)\s*`{1,3}/i.exec(words);
  const match = quoted ?? /\b((?:select|with)\s[\s\S]*\bfrom\s[\s\S]*?)[.?!\s]*$/i.exec(words);
  return match?.[1] ? { at: match.index, length: match[0].length, input: { sql: match[1] } } : undefined;
}
