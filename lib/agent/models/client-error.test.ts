import { expect, test } from "vitest";
import { TooLong } from "../../runtime/index.ts";
import { fromClient } from "./client-error.ts";

const KEY = "sk-secret-1234";
const diagnose = (error: unknown, signal = new AbortController().signal) =>
  fromClient(error, { model: "openai/gpt-5.4", apiKeys: [KEY], signal });
const failed = (message: string, rest: object) => Object.assign(new Error(message), rest);

test.each([
  ["a status", failed("slow down", { status: 429 }), "answered 429: slow down", true],
  [
    "a body for a message",
    failed('{"error":{"code":429,"message":"slow"}}', { status: 429 }),
    "answered 429: slow",
    true,
  ],
  ["a client's statusCode", failed("overloaded", { statusCode: 503 }), "answered 503: overloaded", true],
  [
    "a status of what caused it",
    failed("x", { cause: failed("busy", { status: 500 }) }),
    "answered 500: x",
    true,
  ],
  ["a bad request", failed("no such field", { status: 400 }), "answered 400: no such field", false],
  ["a wrong key", failed(`wrong: ${KEY}`, { status: 401 }), "rejected the API key (401)", false],
  ["a forbidden model", failed("no", { status: 403 }), "denied access (403)", false],
  [
    "a connection that cannot be made",
    failed("Connection error.", { cause: failed("fetch failed", { cause: { code: "ECONNREFUSED" } }) }),
    "cannot be reached (ECONNREFUSED)",
    true,
  ],
  [
    "a reply that is too long",
    failed("x", { cause: new TooLong("y") }),
    "answered with more than 1 MB, which a run cannot hold",
    false,
  ],
  ["anything else", failed(`odd ${KEY} https://a.b/c`, {}), "failed: odd [secret] [link]", false],
])("%s", (_what, error, problem, retryable) => {
  expect(diagnose(error)).toMatchObject({ message: `The model openai/gpt-5.4 ${problem}`, retryable });
});

test("a provider's retry-after is kept, from headers of either kind", () => {
  const headers = new Headers({ "retry-after": "7" });
  expect(diagnose(failed("x", { status: 429, headers })).retryAfterSeconds).toBe(7);
  expect(diagnose(failed("x", { status: 429, headers: { "retry-after": "3" } })).retryAfterSeconds).toBe(3);
});

test("a request that has taken too long may be made again", () => {
  expect(diagnose(new Error("aborted"), AbortSignal.abort())).toMatchObject({
    message: "The model openai/gpt-5.4 did not answer in time",
    retryable: true,
  });
});
