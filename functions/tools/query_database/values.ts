import { type CustomTypesConfig, types } from "pg";

const { builtins } = types;

/**
 * Reads Postgres's text format into JSON values: numbers if they are exact, else text; times in ISO 8601.
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
  [builtins.TIMESTAMPTZ]: isoTime,
  [builtins.TIMESTAMP]: isoTime,
  [builtins.JSON]: parseJson,
  [builtins.JSONB]: parseJson,
};

/** How many digits a double keeps, whatever the number. */
const EXACT_DIGITS = 15;

function exactNumber(text: string): number | string {
  const isExact = text.replace(/\D/g, "").length <= EXACT_DIGITS || String(Number(text)) === text;
  return isExact ? finiteNumber(text) : text;
}

/** JSON has no NaN and no Infinity. */
function finiteNumber(text: string): number | string {
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * As Postgres prints it, to the last digit and in the session's time zone, but in ISO 8601 format. What has no such format
 * stays text: `infinity`, years BC and after 9999, offsets with seconds from before there were time zones.
 */
function isoTime(text: string): string {
  const [, date, time, hours = "", minutes = ":00"] = PRINTED_TIME.exec(text) ?? [];
  if (date === undefined) return text;
  return `${date}T${time}${hours === "" ? "" : hours + minutes}`;
}

const PRINTED_TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d)(:\d\d)?)?$/;

/** Numbers keep their digits. JSON that is nested too deeply for JavaScript stays text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, keepDigits);
  } catch {
    return text;
  }
}

/** @param context the source text that `JSON.parse` passes for a primitive value. TypeScript does not know it yet. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === "number" ? exactNumber(context?.source ?? String(value)) : value;
}
