import { expect, test } from "vitest";
import { typeOf } from "./schema-type.ts";

test.each([
  [
    { type: "object", properties: { a: { type: "string" }, "b-c": { type: "integer" } }, required: ["a"] },
    '{ a: string; "b-c"?: number }',
  ],
  [{ type: "object" }, "Record<string, unknown>"],
  [{ type: "array", items: { enum: ["a", 1, null] } }, '("a" | 1 | null)[]'],
  [{ type: ["string", "null"] }, "string | null"],
  [{ anyOf: [{ type: "boolean" }, { const: "auto" }] }, 'boolean | "auto"'],
  [{ oneOf: [{ type: "string" }, { $ref: "#/$defs/a" }] }, "unknown"],
  [{ $ref: "#/$defs/a" }, "unknown"],
  [{ allOf: [{ type: "string" }] }, "unknown"],
  [undefined, "unknown"],
  [true, "unknown"],
])("%j is the type %s", (schema, type) => {
  expect(typeOf(schema)).toBe(type);
});

test("a type that goes on for ever ends", () => {
  const schema: Record<string, unknown> = { type: "array" };
  schema.items = schema;
  expect(typeOf(schema)).toBe(`unknown${"[]".repeat(9)}`);
});
