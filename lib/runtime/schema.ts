import * as z from "zod";
import { JsonMeasure, kindOf } from "./json.ts";

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
      return `${where}${expectation(issue)}, got ${excerpt(came)}`;
    })
    .join("; ");
}

/** What Zod expected, without what came: that is quoted after it. */
function expectation({ code, message }: z.core.$ZodIssue): string {
  if (code !== "invalid_type" && code !== "invalid_value") return message;
  if (message.includes("expected nonoptional")) return "expected a value";
  return message
    .replace(/^Invalid (?:input|option): (?=expected )/, "")
    .replace(/(^expected \S+), received .*$/, "$1");
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

/** A value in a few words, for a message. */
export function excerpt(value: unknown): string {
  const text = quote(value);
  return text.length <= EXCERPT_LENGTH ? text : `${text.slice(0, EXCERPT_LENGTH)}…`;
}

/** A value as JSON; where it is none, what kind of value it is. */
function quote(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return String(value);
  try {
    new JsonMeasure().extentOf(value);
    return JSON.stringify(value);
  } catch {
    return kindOf(value);
  }
}

/** Zod's types that its JSON Schema describes, though their values are no JSON. */
const DESCRIBED_BUT_NO_JSON = ["file", "promise"];

/**
 * Where a schema has values that JSON does not, such as `output.rows[].at: expected JSON, got z.date()`; else undefined.
 * What a transform makes, or `z.any()` lets through, no schema shows.
 * @param name what the schema describes.
 * @param sides on which side of the schema's transforms the values travel as JSON.
 */
export function findNoJson(
  name: string,
  schema: z.ZodType,
  sides: readonly ("input" | "output")[],
): string | undefined {
  const found = new Set<string>();
  const note = (path: readonly (string | number)[], type: string) => {
    const came = type === "custom" ? "z.custom() or z.instanceof()" : `z.${type}()`;
    if (type !== "transform") found.add(`${fieldOf(name, path)}: expected JSON, got ${came}`);
  };
  for (const io of sides) {
    z.toJSONSchema(schema, {
      io,
      unrepresentable: ({ path, zodSchema }) => {
        note(path, zodSchema._zod.def.type);
        return "any";
      },
      override: ({ path, zodSchema: { _zod } }) => {
        if (DESCRIBED_BUT_NO_JSON.includes(_zod.def.type)) note(path, _zod.def.type);
      },
    });
  }
  return found.size > 0 ? [...found].join("; ") : undefined;
}

const ELEMENTS = ["items", "prefixItems", "additionalProperties"];

/** The field that a path in a JSON Schema leads to: `output.rows[].at` for `properties, rows, items, properties, at`. */
function fieldOf(name: string, path: readonly (string | number)[]): string {
  let field = name;
  for (let index = 0; index < path.length; index++) {
    if (path[index] === "properties") field += `.${path[++index]}`;
    else if (ELEMENTS.includes(String(path[index]))) field += "[]";
  }
  return field;
}
