import type { JsonSchema, Offered } from "./conversation.ts";
import type { Found } from "./words.ts";

/**
 * Finds a call of a tool without rules of its own: the words name it ("use roll_dice", "roll dice"), and its
 * arguments are taken from JSON, `key=value`, `20 sides` or quotes in the words, else from the schema.
 */
export function findByName({ name, schema }: Offered, words: string): Found[] {
  const pattern = name.split("_").map(escapeRegExp).join("[_\\s-]+");
  const match = new RegExp(`(?<![\\w])${pattern}(?![\\w])`, "i").exec(words);
  if (!match) return [];
  const rest = words.slice(match.index + match[0].length);
  return [{ at: match.index, length: match[0].length, input: argumentsFor(schema, rest) }];
}

function argumentsFor(schema: JsonSchema, words: string): Record<string, unknown> {
  const json = jsonIn(words);
  if (json) return json;
  const required = new Set(schema.required ?? []);
  const spoken = { text: words, numbers: numbersIn(words), quotes: quotesIn(words) };
  // Required arguments get the first choice among the values.
  const properties = Object.entries(schema.properties ?? {}).sort(
    ([a], [b]) => Number(required.has(b)) - Number(required.has(a)),
  );
  const filled = properties.flatMap(([key, property]) => {
    const value = valueFor(key, property, spoken, required.has(key));
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(filled);
}

/** JSON of this schema that contains a text: in every place for text, with something simple in the others. */
export function shaped(schema: JsonSchema, text: string): unknown {
  const type = typeOf(schema);
  if (type === "object") {
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([key, part]) => [key, shaped(part, text)]),
    );
  }
  if (type === "array") return [shaped(schema.items ?? {}, text)];
  return type === "string" && !schema.enum ? text : sensible(schema, type, text);
}

/** The values in the words; numbers and quotes are used up in order. */
interface Spoken {
  text: string;
  numbers: number[];
  quotes: string[];
}

function valueFor(key: string, schema: JsonSchema, spoken: Spoken, isRequired: boolean): unknown {
  const type = typeOf(schema);
  const given = keyed(key, spoken.text);
  if (given !== undefined) {
    spoken.numbers = spoken.numbers.filter((number) => number !== Number(given));
    spoken.quotes = spoken.quotes.filter((quote) => quote !== given);
    return coerce(given, type);
  }
  if (type === "number" || type === "integer") {
    const number = spoken.numbers.shift();
    if (number !== undefined) return number;
  }
  if (type === "string" && !schema.enum) {
    const quote = spoken.quotes.shift();
    if (quote !== undefined) return quote;
  }
  return isRequired ? sensible(schema, type, spoken.text) : undefined;
}

/** A value if the words have none: what the schema suggests, else something simple. */
function sensible(schema: JsonSchema, type: string, words: string): unknown {
  const said = schema.enum?.find((value) => words.toLowerCase().includes(String(value).toLowerCase()));
  const suggested = said ?? schema.examples?.[0] ?? schema.default ?? schema.const ?? schema.enum?.[0];
  if (suggested !== undefined) return suggested;
  if (type === "string") return restOf(words) || "sandbox";
  if (type === "number" || type === "integer") return schema.minimum ?? 1;
  if (type === "boolean") return true;
  if (type === "array") {
    const items = schema.items ?? {};
    return Array.from({ length: schema.minItems ?? 1 }, () => sensible(items, typeOf(items), words));
  }
  return type === "object" ? argumentsFor(schema, "") : null;
}

function typeOf({ type, anyOf, properties }: JsonSchema): string {
  const first = Array.isArray(type) ? type.find((name) => name !== "null") : type;
  return first ?? (anyOf?.[0] ? typeOf(anyOf[0]) : properties ? "object" : "string");
}

/** `sides=20`, `sides: "20"`, `20 sides`, `sides 20`. */
function keyed(key: string, words: string): string | undefined {
  const name = escapeRegExp(key).replaceAll("_", "[_ ]");
  const match =
    new RegExp(`(?<!\\w)${name}\\s*[=:]\\s*(?:"([^"]*)"|'([^']*)'|([^\\s,;]+))`, "i").exec(words) ??
    new RegExp(`(-?\\d+(?:\\.\\d+)?)\\s+${name}(?!\\w)`, "i").exec(words) ??
    new RegExp(`(?<!\\w)${name}\\s+(-?\\d+(?:\\.\\d+)?)`, "i").exec(words);
  return match?.slice(1).find((value) => value !== undefined);
}

function coerce(value: string, type: string): unknown {
  if ((type === "number" || type === "integer") && !Number.isNaN(Number(value))) return Number(value);
  if (type === "boolean") return value.toLowerCase() === "true";
  return type === "array" ? [value] : value;
}

function jsonIn(words: string): Record<string, unknown> | undefined {
  const text = /\{[\s\S]*\}/.exec(words)?.[0];
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const numbersIn = (words: string) =>
  [...words.matchAll(/(?<![\w.])-?\d+(?:\.\d+)?(?!\w)/g)].map(([n]) => Number(n));
const quotesIn = (words: string) => [...words.matchAll(/["“]([^"”]+)["”]/g)].map(([, text = ""]) => text);
const restOf = (words: string) =>
  (/^[^.?!\n]*/.exec(words)?.[0] ?? "").replace(/^[:,]?\s*(?:with|on|for|about|to|tool)?\s+/i, "").trim();
const escapeRegExp = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
