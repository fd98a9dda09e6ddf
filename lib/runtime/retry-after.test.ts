import { expect, test } from "vitest";
import { parseRetryAfter } from "./retry-after.ts";

test.each([
  ["120", 120],
  ["0.5", 0.5],
  [null, undefined],
  ["soon", undefined],
  ["Wed, 21 Oct 2015 07:28:00 GMT", 0],
  ["Fri, 31 Dec 9999 23:59:59 GMT", 86_400],
  ["9".repeat(400), 86_400],
  ["Fri, 99 Dec 2026 23:59:59 GMT", undefined],
  ["-5", undefined],
  ["NaN", undefined],
  ["Infinity", undefined],
  ["", undefined],
])("Retry-After %j is %j seconds", (header, seconds) => {
  expect(parseRetryAfter(header)).toBe(seconds);
});

test("a date ahead is the time until then", () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  expect(parseRetryAfter(inAnHour)).toBeGreaterThan(3500);
});
