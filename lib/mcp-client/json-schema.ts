import {
  dereference,
  type OutputUnit,
  type Schema,
  type SchemaDraft,
  Validator,
} from "@cfworker/json-schema";
import * as z from "zod";

/** A schema as somebody else has written it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** How many problems of a value are told. */
const MAX_PROBLEMS = 5;

/**
 * A Zod object that says exactly this JSON Schema, whatever Zod itself could say, and checks values by it.
 * @throws TypeError for a schema that cannot be checked, such as one with a reference that leads nowhere.
 */
export function jsonObject(schema: JsonSchema): z.ZodObject {
  return saying(schema, z.looseObject({}).superRefine(checkedBy(schema)));
}

/** The same for any value, such as a result. @param id tells its references apart from those of a schema around it. */
export function jsonValue(schema: JsonSchema, id: string): z.ZodType {
  const hasReferences = JSON.stringify(schema).includes('"$ref"');
  const named = hasReferences && schema.$id === undefined ? { ...schema, $id: id } : schema;
  return saying(named, z.unknown().superRefine(checkedBy(schema)));
}

/** @see https://github.com/colinhacks/zod/blob/main/packages/zod/src/v4/core/schemas.ts, `toJSONSchema` of `$ZodTypeInternals` */
function saying<T extends z.ZodType>(schema: JsonSchema, type: T): T {
  // Whoever asks for it adds to it.
  type._zod.toJSONSchema = () => structuredClone(schema);
  // The type before its check says nothing, and Zod would look for what it says.
  delete type._zod.parent;
  return type;
}

function checkedBy(schema: JsonSchema): (value: unknown, context: z.core.$RefinementCtx) => void {
  const validator = validatorOf(schema);
  return (value, context) => {
    const { valid, errors } = validator.validate(value);
    if (valid) return;
    for (const { instanceLocation, error } of telling(errors).slice(0, MAX_PROBLEMS)) {
      context.addIssue({ code: "custom", message: error.replace(/\.$/, ""), path: pathOf(instanceLocation) });
    }
  };
}

function validatorOf(schema: JsonSchema): Validator {
  // The validator notes things in it.
  const own = structuredClone(schema) as Schema;
  try {
    const parts = dereference(own);
    for (const part of Object.values(parts)) checkPart(part, parts);
  } catch (cause) {
    throw new TypeError(`a JSON Schema that cannot be checked: ${(cause as Error).message}`, { cause });
  }
  return new Validator(own, draftOf(schema), false);
}

/** The validator itself would notice it when a value gets there. */
function checkPart(part: Schema | boolean, parts: Readonly<Record<string, Schema | boolean>>): void {
  const { $ref, __absolute_ref__, pattern, patternProperties = {} } = Object(part) as Schema;
  if ($ref !== undefined && parts[__absolute_ref__ ?? $ref] === undefined)
    throw new TypeError(`${JSON.stringify($ref)} leads nowhere`);
  const patterns = [...(pattern === undefined ? [] : [pattern]), ...Object.keys(patternProperties)];
  for (const one of patterns) new RegExp(one, "u");
}

/** MCP's schemas are of 2020-12 unless they say otherwise. */
function draftOf({ $schema }: JsonSchema): SchemaDraft {
  const text = String($schema ?? "");
  if (/draft-0[67]/.test(text)) return "7";
  if (text.includes("draft-04")) return "4";
  return text.includes("2019-09") ? "2019-09" : "2020-12";
}

/** What only says that something inside does not fit, which is told as well. */
const AROUND = [
  "properties",
  "patternProperties",
  "items",
  "prefixItems",
  "additionalItems",
  "allOf",
  "$ref",
];

function telling(errors: readonly OutputUnit[]): readonly OutputUnit[] {
  const exact = errors.filter(({ keyword }) => !AROUND.includes(keyword));
  return exact.length > 0 ? exact : errors;
}

/** `#/items/0/name` leads to `items`, `0`, `name`. */
function pathOf(location: string): (string | number)[] {
  const keys = location.split("/").slice(1);
  return keys.map((key) => decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~"));
}
