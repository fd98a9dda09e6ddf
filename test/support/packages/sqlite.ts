import initSqlJs from "sql.js";

/** CommonJS that finds its WebAssembly by `__dirname`. */
export const handler = async ({ query }: { query: string }) => {
  const { Database } = await initSqlJs();
  return new Database().exec(query)[0]?.values;
};
