import { expect, test } from "vitest";
import { parseRetryAfter } from "./retry-after.ts";

test.each([
  ["120", 120],
  ["0.5", 0.5],
  [null, undefined],
  ["soon", undefined],
  ["Wed, 21 Oct 2015 07:28:00 GMT", 0],
])("Retry-After %j is %j seconds", (header, seconds) => {
  expect(parseRetryAfter(header)).toBe(seconds);
});

test("a date ahead is the time until then", () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  expect(parseRetryAfter(inAnHour)).toBeGreaterThan(3500);
});
