import type { Context } from "hono";
import type * as z from "zod";
import { LambdaError } from "../lambda-error.ts";

/**
 * Reads a request's body. Fields that are null count as absent, as in AWS's protocol.
 * @throws LambdaError, a `ValidationException` that names each field that is wrong.
 */
export async function readFields<T>(c: Context, schema: z.ZodType<T>): Promise<T> {
  return validate(schema, parse(await c.req.text()));
}

/** Checks the query parameters of a request in the same way. */
export function readQuery<T>(c: Context, schema: z.ZodType<T>): T {
  return validate(schema, c.req.query());
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text || "{}", (_name, value) => value ?? undefined);
  } catch {
    throw new LambdaError("ValidationException", "The body should be JSON.");
  }
}

function validate<T>(schema: z.ZodType<T>, value: unknown): T {
  const { success, data, error } = schema.safeParse(value, { reportInput: true });
  if (success) return data;
  const { issues } = error;
  const each = issues.map(
    ({ path, message, input }) =>
      `Value '${JSON.stringify(input)}' at '${path.join(".")}' failed to satisfy constraint: ${message}`,
  );
  const errors = `${issues.length} validation ${issues.length === 1 ? "error" : "errors"} detected`;
  throw new LambdaError("ValidationException", `${errors}: ${each.join("; ")}`);
}
