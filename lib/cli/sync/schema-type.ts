import type { JsonSchema } from "../../mcp-client/index.ts";

/** How deep a type is written out: what is deeper is `unknown`. */
const MAX_DEPTH = 8;

/** The TypeScript type of what fits a JSON Schema; what it cannot say exactly is `unknown`, or any field. */
export function typeOf(schema: unknown, depth = 0): string {
  if (depth > MAX_DEPTH || typeof schema !== "object" || schema === null) return "unknown";
  const { type, enum: values, const: value, anyOf, oneOf, $ref, allOf } = schema as JsonSchema;
  if (value !== undefined) return JSON.stringify(value);
  if (Array.isArray(values)) return union(values.map((one) => JSON.stringify(one)));
  if ($ref !== undefined || allOf !== undefined) return "unknown";
  const alternatives = anyOf ?? oneOf;
  // Fields that stand beside alternatives belong to each of them.
  if (Array.isArray(alternatives) && type === undefined)
    return union(alternatives.map((one) => typeOf(one, depth + 1)));
  if (Array.isArray(type)) return union(type.map((one) => typeOf({ ...schema, type: one }, depth)));
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "number":
    case "integer":
      return "number";
    case "array":
      return `${inBrackets(typeOf((schema as JsonSchema).items, depth + 1))}[]`;
    case "object":
      return typeOfObject(schema as JsonSchema, depth);
    default:
      return "unknown";
  }
}

function typeOfObject({ properties, required }: JsonSchema, depth: number): string {
  const fields = Object.entries((properties ?? {}) as JsonSchema);
  if (fields.length === 0) return "Record<string, unknown>";
  const needed = Array.isArray(required) ? required : [];
  const text = fields.map(
    ([name, one]) => `${fieldName(name)}${needed.includes(name) ? "" : "?"}: ${typeOf(one, depth + 1)}`,
  );
  return `{ ${text.join("; ")} }`;
}

const fieldName = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));
const inBrackets = (type: string) => (type.includes(" | ") ? `(${type})` : type);

function union(types: readonly string[]): string {
  const all = [...new Set(types)];
  return all.length === 0 || all.includes("unknown") ? "unknown" : all.join(" | ");
}
