import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { keepCompiledCode } from "../cache/index.ts";

/** As a JSON list to this file descriptor, when the program ends. */
const OUTPUT = 3;

/**
 * Preloaded with `--require`, tells which of the project's own files a program loads, and lets it load faster. `--import` would
 * change its errors.
 */
const loaded: string[] = [];
registerHooks({
  resolve(specifier, context, next) {
    const module = next(specifier, context);
    if (module.url.startsWith("file:") && !module.url.includes("/node_modules/"))
      loaded.push(fileURLToPath(module.url));
    return module;
  },
});
keepCompiledCode(join(import.meta.dirname, "../.."));
process.on("exit", () => writeFileSync(OUTPUT, JSON.stringify(loaded)));
