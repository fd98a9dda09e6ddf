import { expect, test } from "vitest";
import { bearerTokens } from "./bearer-tokens.ts";

const access = { subject: "ann", tools: ["get_weather"] } as const;
const authorize = bearerTokens([
  { token: "a-long-random-key", ...access },
  { token: "another-random-key", subject: "bob", tools: "all" },
]);
const asked = (authorization?: string) =>
  authorize(new Request("http://x/mcp", { headers: authorization === undefined ? {} : { authorization } }));

test("a token is its subject's, whatever the scheme's case", () => {
  expect(asked("Bearer a-long-random-key")).toEqual(access);
  expect(asked("bearer another-random-key")).toEqual({ subject: "bob", tools: "all" });
});

test.each([
  undefined,
  "",
  "Bearer",
  "Bearer a-long-random-ke",
  "Bearer a-long-random-key2",
  "Basic a-long-random-key",
])("%j is nobody", (header) => {
  expect(asked(header)).toBeUndefined();
});

test.each([
  ["short", "5"],
  ["a key with blanks in it", "23"],
])("the token %j is refused", (token, length) => {
  expect(() => bearerTokens([{ token, ...access }])).toThrow(
    `bearerTokens: the token of "ann": expected at least 16 characters and no blanks, got ${length} characters`,
  );
});
