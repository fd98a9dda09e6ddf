import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import add from "./add.wasm";
import query from "./query.sql";

/** Node has it, but the ES2024 types do not. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { instantiate(bytes: Uint8Array): Promise<{ instance: { exports: unknown } }> };
};

const read = (url: URL) => readFileSync(url, "utf8").trim();

/** Files beside the code, named and listed, and imports of files. */
export const handler = async () => {
  const { instance } = await WebAssembly.instantiate(add);
  return {
    named: read(new URL("./words.txt", import.meta.url)),
    above: read(new URL("../shared/rates.csv", import.meta.url)),
    listed: readdirSync(join(import.meta.dirname, "templates")),
    query: query.trim(),
    sum: (instance.exports as { add(a: number, b: number): number }).add(2, 3),
  };
};
