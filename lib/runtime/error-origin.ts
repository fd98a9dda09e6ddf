import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapping } from "node:module";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/** Where an error came from, without what it says: a message may quote an input, an output or a secret. */
interface ErrorOrigin {
  /** The error's class. */
  errorType: string;
  /** The system's code, such as `ECONNREFUSED`, of the error or of its cause. */
  errorCode?: string;
  /** `function (file:line:column)`, innermost first; files of the project by their path in it. */
  frames: string[];
}

export function errorOrigin(error: unknown): ErrorOrigin {
  if (!(error instanceof Error)) return { errorType: typeof error, frames: [] };
  const errorType = error.name === "Error" ? error.constructor.name : error.name;
  const code = systemCode(error) ?? systemCode(error.cause);
  return { errorType, ...(code !== undefined && { errorCode: code }), frames: framesOf(error) };
}

function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : undefined;
}

/** `at name (file:line:column)`, or without the name. */
const FRAME = /^\s+at (?:(.+) \((.+):(\d+):(\d+)\)|(?:async )?(.+):(\d+):(\d+))$/;

function framesOf({ message, stack = "" }: Error): string[] {
  const begin = stack.indexOf(message);
  // The stack begins with the message; one that was changed since cannot be told from the frames.
  if (begin < 0) return [];
  return stack
    .slice(begin + message.length)
    .split("\n")
    .flatMap((line) => {
      const [, name, namedFile, namedLine, namedColumn, file, row, column] = FRAME.exec(line) ?? [];
      const place = originalPlace(namedFile ?? file, Number(namedLine ?? row), Number(namedColumn ?? column));
      return place === undefined ? [] : [name ? `${name} (${place})` : place];
    });
}

function originalPlace(file: string | undefined, line: number, column: number): string | undefined {
  if (file === undefined) return undefined;
  if (file === import.meta.url) {
    // A map counts from 0.
    const entry: Partial<SourceMapping> = bundleMap()?.findEntry(line - 1, column - 1) ?? {};
    const { originalSource, originalLine = 0, originalColumn = 0 } = entry;
    if (originalSource !== undefined) return `${originalSource}:${originalLine + 1}:${originalColumn + 1}`;
  }
  return `${file.startsWith("node:") ? file : basename(file)}:${line}:${column}`;
}

/** This module's own bundle has its map beside it. It is read when the first error needs it; null: there is none. */
let map: SourceMap | null | undefined;

function bundleMap(): SourceMap | null {
  if (map !== undefined) return map;
  try {
    map = new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(import.meta.url)}.map`, "utf8")));
  } catch {
    map = null;
  }
  return map;
}
