import initSqlJs from "sql.js";

/** A CommonJS package that finds its WebAssembly through `__dirname`. */
export const handler = async ({ query }: { query: string }) => {
  const { Database } = await initSqlJs();
  return new Database().exec(query)[0]?.values;
};
