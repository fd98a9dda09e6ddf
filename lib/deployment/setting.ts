import * as z from "zod";

/** Schemas of settings by the environment variable's name. */
export type Settings = Readonly<Record<string, z.ZodType>>;

/** A target's settings once they are read. */
export type ValuesOf<S extends Settings> = { [Name in keyof S]: z.output<S[Name]> };

/** A setting's schema; its description says what is expected, with an example. */
export const setting = <T extends z.ZodType>(schema: T, expected: string) => schema.describe(expected);

/** A setting that is text matching a pattern. */
export const text = (pattern: RegExp, expected: string) => setting(z.string().regex(pattern), expected);

/** A setting that is a URL; a trailing slash is dropped. */
export const url = (example: string) =>
  setting(
    z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, "")),
    `a URL, such as ${example}`,
  );

/** What was expected of a setting, and what its value is. */
export function explainSetting(schema: z.ZodType, came: unknown): string {
  const expected = schema.description ?? (schema as z.ZodOptional<z.ZodType>).unwrap().description;
  return `expected ${expected}; ${came === undefined ? "it is not set" : `got ${JSON.stringify(came)}`}`;
}
