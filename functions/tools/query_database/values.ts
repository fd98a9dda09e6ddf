import { type CustomTypesConfig, types } from "pg";

const { builtins } = types;

/**
 * Reads Postgres's text format into JSON values: numbers where they are exact, else text; times in ISO 8601.
 * Everything without a rule stays the text that Postgres prints, such as `{1,2}` for an array.
 */
export const jsonTypes: CustomTypesConfig = {
  getTypeParser: (oid: number) => PARSERS[oid] ?? ((text: string) => text),
};

const PARSERS: Record<number, (text: string) => unknown> = {
  [builtins.BOOL]: (text) => text === "t",
  [builtins.INT2]: Number,
  [builtins.INT4]: Number,
  [builtins.OID]: Number,
  [builtins.INT8]: exactNumber,
  [builtins.NUMERIC]: exactNumber,
  [builtins.FLOAT4]: finiteNumber,
  [builtins.FLOAT8]: finiteNumber,
  [builtins.TIMESTAMPTZ]: instant,
  [builtins.TIMESTAMP]: (text) => text.replace(" ", "T"),
  [builtins.JSON]: (text) => JSON.parse(text),
  [builtins.JSONB]: (text) => JSON.parse(text),
};

/** Digits that a double keeps whatever the number. */
const EXACT_DIGITS = 15;

function exactNumber(text: string): number | string {
  return text.replace(/\D/g, "").length <= EXACT_DIGITS ? finiteNumber(text) : text;
}

/** JSON has no NaN and no Infinity. */
function finiteNumber(text: string): number | string {
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

/** `infinity` and years before Christ stay text. */
function instant(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString();
}
