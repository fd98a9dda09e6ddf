import { expect, test } from "vitest";
import { bearerKeys } from "./bearer-keys.ts";

const ANNS = "anns-long-random-key";
const BOBS = "bobs-long-random-key";
const ask = (authorization?: string) =>
  bearerKeys({ [ANNS]: "ann", [BOBS]: "bob" })(
    new Request("http://here", { headers: authorization === undefined ? {} : { authorization } }),
  );

test.each([
  [`Bearer ${ANNS}`, "ann"],
  [`bearer  ${BOBS}`, "bob"],
  [ANNS, undefined],
  ["Bearer ", undefined],
  [`Bearer ${ANNS}x`, undefined],
  [`Bearer ${ANNS} ${BOBS}`, undefined],
  [undefined, undefined],
])("%s is %s", (header, subject) => {
  expect(ask(header)).toBe(subject);
});

test.each([
  ["a short key", { short: "ann" }, "got a key of 5"],
  ["a key that a missing setting has become", { undefined: "ann" }, "got a key of 9"],
  ["a key for nobody", { [ANNS]: "" }, 'for ""'],
])("%s is refused, and not shown", (_, keys, words) => {
  expect(() => bearerKeys(keys as Record<string, string>)).toThrow(words);
  expect(() => bearerKeys(keys as Record<string, string>)).not.toThrow(ANNS);
});
