import { type Serde, TerminalError } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { MAX_NESTING, nestsTooDeep } from "./nesting.ts";
import { check, excerpt } from "./schema.ts";

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
