import { type Serde, TerminalError } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { MAX_NESTING, nestsTooDeep } from "./nesting.ts";

/** The longest excerpt of a rejected value that a message repeats, in characters. */
const EXCERPT_LENGTH = 60;

/**
 * Says in one line what a schema rejected: every field's path, what was expected, what came.
 * @param value what was parsed; its parts are quoted, shortened, where a path leads to one.
 */
export function explain(error: z.ZodError, value: unknown): string {
  return error.issues
    .map((issue) => {
      const where = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
      const came = issue.path.reduce<unknown>(
        (at, key) => (at as Record<PropertyKey, unknown>)?.[key],
        value,
      );
      return `${where}${issue.message}, got ${excerpt(came)}`;
    })
    .join("; ");
}

/**
 * Checks a value against a schema.
 * @returns the parsed value, or the problem in words; a schema that itself throws (an async refinement) is a problem too,
 *   because an exception here would be retried for ever.
 */
export function check<T extends z.ZodType>(
  schema: T,
  value: unknown,
): { data: z.output<T>; problem?: undefined } | { problem: string } {
  try {
    const parsed = schema.safeParse(value);
    return parsed.success ? { data: parsed.data } : { problem: explain(parsed.error, value) };
  } catch (error) {
    return { problem: `cannot be checked: ${(error as Error).message}` };
  }
}

function excerpt(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= EXCERPT_LENGTH ? text : `${text.slice(0, EXCERPT_LENGTH)}…`;
}

/**
 * JSON for a Restate handler: bad input is refused as a 400 that names the field, and the schema appears in Restate's
 * catalogue. Results are written as they are, because the handler has already checked them.
 */
export function jsonSerde<T extends z.ZodType>(schema: T): Serde<z.output<T>> {
  return {
    contentType: "application/json",
    // Restate lists what callers send, so fields with defaults stay optional.
    jsonSchema: z.toJSONSchema(schema, { io: "input" }),
    serialize: (value) => new TextEncoder().encode(JSON.stringify(value)),
    deserialize: (bytes) => {
      const value = parseJson(bytes);
      const checked = check(schema, value);
      if (checked.problem !== undefined) throw new TerminalError(checked.problem, { errorCode: 400 });
      return checked.data;
    },
  };
}

function parseJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  if (nestsTooDeep(text)) {
    throw new TerminalError(`expected JSON that nests ${MAX_NESTING} deep at most`, { errorCode: 400 });
  }
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    throw new TerminalError(`expected JSON, got ${excerpt(text)}`, { errorCode: 400 });
  }
}
