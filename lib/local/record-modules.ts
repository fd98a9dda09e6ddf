import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** Preloaded with `--import <this file>?to=<path>`: writes there which of the project's files the program has loaded, as JSON. */
const to = new URL(import.meta.url).searchParams.get("to") as string;
const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    if (url.startsWith("file:") && !url.includes("/node_modules/")) loaded.push(fileURLToPath(url));
    return next(url, context);
  },
});
process.on("exit", () => writeFileSync(to, JSON.stringify(loaded)));
