import type { Context } from "hono";
import { FanoutError } from "../client/index.ts";

/** Every refusal has a `code`, which `fanout/client` knows, and a `message` for people. */
const refuse = (
  c: Context,
  status: 400 | 403 | 404 | 409 | 413 | 429 | 501 | 502,
  code: string,
  message: string,
): Response => c.json({ code, message }, status);

export const badRequest = (c: Context, message: string) => refuse(c, 400, "bad-request", message);

/** Whether there is none, or it is somebody else's, is not said. */
export const noSuchRun = (c: Context) => refuse(c, 404, "not-found", "You have no such run.");

export const noSuchApproval = (c: Context) => refuse(c, 404, "not-found", "There is no such approval.");

export const noConversation = (c: Context) =>
  refuse(
    c,
    404,
    "not-found",
    "There is no such conversation, or no such page of it; or the agent has a loop of its own, and no conversations.",
  );

export const mayNot = (c: Context) => refuse(c, 403, "unauthorized", "You may not answer this.");

export const conflict = (c: Context, message: string) => refuse(c, 409, "answered", message);

/** A 413. @param bytes how many a body may have. */
export const tooLarge = (c: Context, bytes: number) =>
  refuse(c, 413, "bad-request", `Expected a body of at most ${bytes} bytes.`);

/** A 429: another stream may be opened when one of the open ones ends. */
export function tooManyStreams(c: Context): Response {
  c.header("Retry-After", "5");
  return refuse(c, 429, "too-many", "Too many streams are open.");
}

/**
 * What users are told of an error between here and Restate: not where Restate is, nor what it says of the server's own key.
 * @param onError gets what they are not told.
 */
export function answerTo(error: unknown, c: Context, onError: (error: unknown) => void): Response {
  const code = error instanceof FanoutError ? error.code : undefined;
  if (code === "not-found") return noSuchRun(c);
  if (code === "unsupported") return refuse(c, 501, code, "This server cannot do that: it has no admin API.");
  onError(error);
  return refuse(c, 502, "unavailable", "Restate does not answer as expected; the server's log says more.");
}
