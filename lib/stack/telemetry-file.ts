import { copyFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Metafile } from "esbuild";
import { reachOf } from "./bundle-inputs.ts";
import { kitFile } from "./kit-file.ts";

/** Where a pass puts it, until each function has its own. */
export const TELEMETRY_FOLDER = ".telemetry";
const OUT = `${TELEMETRY_FOLDER}/opentelemetry`;

/**
 * OpenTelemetry's code is a file of its own beside each function's: a cold start that does not trace would otherwise parse it,
 * and load the modules of Node's that it imports, which takes 10 ms and more.
 */
export const TELEMETRY_ENTRY = { [OUT]: kitFile("telemetry/opentelemetry") };

/** Whether a function's code may ask for it. @param inputs the paths of its files in the metafile. */
export function mayTrace(inputs: object, root: string): boolean {
  return Object.hasOwn(inputs, relative(root, kitFile("telemetry/tracing")));
}

/** Puts it beside a function's code. @returns the files that it was made from. */
export function putTelemetry(
  metafile: Metafile,
  { root, outDir, codeDir }: { root: string; outDir: string; codeDir: string },
): string[] {
  const file = join(outDir, `${OUT}.mjs`);
  copyFileSync(file, join(codeDir, "opentelemetry.mjs"));
  const { inputs } = reachOf(metafile, relative(root, file)).metafile;
  return Object.keys(inputs).map((input) => resolve(root, input));
}
