import { expect, test } from "vitest";
import { bearerTokens } from "./bearer-tokens.ts";

const access = { subject: "ann", tools: ["get_weather"] } as const;
const authorize = bearerTokens([
  { token: "a-long-random-key", ...access },
  { token: "another-random-key", subject: "bob", tools: "all" },
]);
const asked = (authorization?: string) =>
  authorize(new Request("http://x/mcp", { headers: authorization === undefined ? {} : { authorization } }));

test("a token is its subject's, whatever the scheme's case", async () => {
  expect(await asked("Bearer a-long-random-key")).toEqual(access);
  expect(await asked("bearer another-random-key")).toEqual({ subject: "bob", tools: "all" });
});

test.each([undefined, "", "Bearer", "Bearer a-long-random-ke", "Basic a-long-random-key"])(
  "%j is nobody",
  async (header) => {
    expect(await asked(header)).toBeUndefined();
  },
);

test("a token that could be guessed is refused", () => {
  expect(() => bearerTokens([{ token: "short", ...access }])).toThrow(/at least 16 characters/);
});
