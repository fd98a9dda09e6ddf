import type { Context, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as z from "zod";
import { FanoutError } from "../../client/index.ts";
import type { Env } from "../access.ts";

/**
 * An error as OpenAI's API tells it. Its clients choose the class of what they throw by the status.
 * @see https://platform.openai.com/docs/guides/error-codes
 */
export interface ApiError {
  message: string;
  type: string;
  /** The parameter that is wrong, if it is one. */
  param: string | null;
  code: string | null;
}

/** What is wrong with a request. */
export interface Problem {
  problem: string;
  /** The parameter of the request's body. Default: none. */
  param?: string | undefined;
}

const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  429: "rate_limit_error",
};
const typeOf = (status: number) =>
  TYPES[status] ?? (status >= 500 ? "server_error" : "invalid_request_error");

/** Refuses a request. @param error whose `type` is that of the status, and which names no parameter, unless it says so. */
export function refuse(
  c: Context,
  status: ContentfulStatusCode,
  error: Pick<ApiError, "message" | "code"> & Partial<ApiError>,
): Response {
  return c.json({ error: { type: typeOf(status), param: null, ...error } }, status);
}

export const invalid = (c: Context, { problem, param }: Problem) =>
  refuse(c, 400, { message: problem, param: param ?? null, code: "invalid_value" });

export const unknownUrl = (c: Context) =>
  refuse(c, 404, {
    message: `There is no ${c.req.method} ${c.req.path} here, only POST /v1/chat/completions, GET /v1/models and GET /v1/models/:id.`,
    code: "unknown_url",
  });

export const unknownModel = (c: Context, model: string, agents: readonly string[]) =>
  refuse(c, 404, {
    message: `There is no model ${JSON.stringify(model)}. Models: ${agents.join(", ") || "none"}.`,
    param: "model",
    code: "model_not_found",
  });

/** The codes that OpenAI's API has for what the other routes call by these names. */
const CODES: Readonly<Record<string, string>> = {
  unauthorized: "invalid_api_key",
  "too-many": "rate_limit_exceeded",
  "bad-request": "invalid_value",
};
const plainRefusal = z.object({ code: z.string(), message: z.string() });

/**
 * Tells refusals that are made for all routes as OpenAI's API does. What may have begun a run is not to be repeated without a key:
 * OpenAI's own clients obey the header.
 */
export const inOpenAiShape: MiddlewareHandler<Env> = async (c, next) => {
  await next();
  const { status, headers } = c.res;
  if (status < 400) return;
  const isJson = headers.get("content-type")?.startsWith("application/json");
  const read = isJson ? plainRefusal.safeParse(await c.res.clone().json()) : undefined;
  if (read?.success) {
    const { code, message } = read.data;
    c.res = refuse(c, status as ContentfulStatusCode, { message, code: CODES[code] ?? code });
  }
  if (status >= 500 && c.req.method === "POST" && c.req.header("idempotency-key") === undefined)
    c.res.headers.set("x-should-retry", "false");
};

/** What the SDK says before an agent's own words about its input. */
const SDKS_WORDS = /^Failed to deserialize input: /;

/** A run's options and this API's names for them, in what an agent says of an input that it refuses. */
const PARAMS: Readonly<Record<string, string>> = {
  message: "messages",
  messages: "messages",
  attachments: "messages",
  maxOutputTokens: "max_completion_tokens",
  parallelToolCalls: "parallel_tool_calls",
};

/**
 * A run's own failure. Clients repeat what is a 409 or from 500 on, which would begin another run or meet the same failure again, so
 * whatever was not the request's fault is a 422.
 * @returns undefined where the error says nothing of the run.
 */
export function failureOf(error: unknown): { status: 400 | 422; error: ApiError } | undefined {
  if (!(error instanceof FanoutError)) return undefined;
  const { code } = error;
  const message = error.message.replace(SDKS_WORDS, "");
  if (code === "run-cancelled")
    return {
      status: 422,
      error: { message: "The run was cancelled.", type: "run_error", param: null, code: "run_cancelled" },
    };
  if (code !== "run-failed") return undefined;
  if (error.status !== 400)
    return { status: 422, error: { message, type: "run_error", param: null, code: "run_failed" } };
  const [, field = ""] = /^(\w+)[.:]/.exec(message) ?? [];
  const param = PARAMS[field] ?? null;
  return { status: 400, error: { message, type: typeOf(400), param, code: "invalid_value" } };
}

/**
 * What is told where the answer has begun, and no status can be told any more.
 * @param onError gets what users are not told.
 */
export function lateError(error: unknown, onError: (error: unknown) => void): ApiError {
  const failure = failureOf(error);
  if (failure) return failure.error;
  onError(error);
  const message = "Restate does not answer as expected; the server's log says more.";
  return { message, type: "server_error", param: null, code: "unavailable" };
}

/** A run goes on for longer than anybody may wait for it here. */
export const stillRunning = (id: string): ApiError => ({
  message: `The run goes on: GET /runs/${id} has its answer later, and so has the same request with the same Idempotency-Key.`,
  type: "run_error",
  param: null,
  code: "still_running",
});
