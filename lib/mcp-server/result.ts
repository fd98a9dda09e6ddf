import { type CallToolResult, fromJsonSchema, type Tool } from "@modelcontextprotocol/server";

/** A failure that the model of the client reads. */
export const fails = (text: string): CallToolResult => ({ content: [{ type: "text", text }], isError: true });

/**
 * An output as a client gets it: as text, and as it is where it is an object.
 * @param schema what it has to fit, as the client checks; one that does not, such as the note on a write whose output could not be
 *   read, is told in words.
 */
export function asResult(output: unknown, schema: Tool["outputSchema"]): CallToolResult {
  const text = typeof output === "string" ? output : (JSON.stringify(output) ?? "");
  if (schema !== undefined && !fits(output, schema)) return fails(text);
  const isObject = typeof output === "object" && output !== null && !Array.isArray(output);
  return {
    content: [{ type: "text", text }],
    ...(isObject && { structuredContent: output as Record<string, unknown> }),
  };
}

function fits(output: unknown, schema: NonNullable<Tool["outputSchema"]>): boolean {
  const checked = fromJsonSchema(schema)["~standard"].validate(output);
  return checked instanceof Promise || checked.issues === undefined;
}
