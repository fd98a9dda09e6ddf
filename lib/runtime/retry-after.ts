/** The longest wait that is understood, in seconds: a day. Whoever waits has a bound of its own, far below. */
const MAX_SECONDS = 86_400;

/**
 * Reads a Retry-After header: seconds, or an HTTP date.
 * @returns seconds from now, 0 to a day; undefined where the header is missing or unreadable.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function parseRetryAfter(header: string | null | undefined): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text), MAX_SECONDS);
  // A date begins with its day; Date.parse makes a date of almost anything, of "-5" too.
  const seconds = /^[A-Z][a-z]+,/.test(text) ? (Date.parse(text) - Date.now()) / 1000 : Number.NaN;
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(0, seconds), MAX_SECONDS);
}
