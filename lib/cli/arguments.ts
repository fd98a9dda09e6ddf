import { InvalidArgumentError } from "commander";

/** Reports a TypeError about an argument as wrong usage. */
export function asUsage<T>(read: (text: string, before: T) => T): (text: string, before: T) => T {
  return (text, before) => {
    try {
      return read(text, before);
    } catch (error) {
      throw error instanceof TypeError ? new InvalidArgumentError(error.message) : error;
    }
  };
}

/** @returns the URL without a trailing slash. */
export function readUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new TypeError(`Expected a URL such as http://localhost:8080, got "${text}".`);
  }
  return text.replace(/\/+$/, "");
}

/** @throws TypeError for anything that is not an id. */
export function readInvocationId(text: string): string {
  if (/^inv_\w+$/.test(text)) return text;
  throw new TypeError(`Expected a run's id such as inv_1a6Jlp47HIeF5m13WzAM3D7tElDEGDHuBg, got "${text}".`);
}

/** Reads a whole number within the bounds of a Zod schema. */
export function readNumber(bounds: {
  minValue: number | null;
  maxValue: number | null;
}): (text: string) => number {
  const { minValue, maxValue } = bounds;
  // Zod's own bound of whole numbers means nothing to a person.
  const upTo = maxValue === null || maxValue === Number.MAX_SAFE_INTEGER ? "" : ` to ${maxValue}`;
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= (minValue ?? 0) && number <= (maxValue ?? Number.POSITIVE_INFINITY))
      return number;
    throw new TypeError(`Expected a whole number from ${minValue}${upTo}, got "${text}".`);
  };
}

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads a time span such as `15m`. @returns ms. */
export function readSpan(text: string): number {
  const [, count, unit = ""] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (UNIT_MS[unit] ?? 0);
  throw new TypeError(`Expected a time such as 30s, 15m, 2h or 1d, got "${text}".`);
}

/** Quotes a text as one word for a POSIX shell. */
export const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
