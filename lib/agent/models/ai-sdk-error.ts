import { APICallError, InvalidResponseDataError, UnsupportedFunctionalityError } from "ai";
import * as z from "zod";
import { cleanMessage, parseRetryAfter, TooLong } from "../../runtime/index.ts";
import { MAX_REPLY_BYTES } from "./bounded-fetch.ts";
import { ModelError } from "./seam.ts";

/** Which model failed, and what must not appear in a message about it. */
interface Failing {
  /** `provider/model`. */
  name: string;
  apiKey: string;
}

/** Says in a person's words why a request to a model failed, and whether the same request may succeed later. */
export function toModelError(error: unknown, { name, apiKey }: Failing, signal: AbortSignal): ModelError {
  const { problem, ...kind }: Diagnosis = signal.aborted
    ? { problem: "did not answer in time", retryable: true }
    : diagnose(error, (message) => clean(message, apiKey));
  const headers = APICallError.isInstance(error) ? error.responseHeaders : undefined;
  return new ModelError(`The model ${name} ${problem}`, {
    ...kind,
    retryAfterSeconds: parseRetryAfter(headers?.["retry-after"]),
    cause: error,
  });
}

interface Diagnosis {
  problem: string;
  retryable: boolean;
  ofRequest?: boolean;
}

/** What says that a request is malformed, too long or makes no sense; each other refusal is about the model or the account. */
const REQUEST_REFUSED = [400, 413, 422];

function diagnose(error: unknown, clean: (message: unknown) => string): Diagnosis {
  // The SDK wraps what happens while it reads a body.
  if (error instanceof TooLong || (error as Error | undefined)?.cause instanceof TooLong) return TOO_LONG;
  if (InvalidResponseDataError.isInstance(error)) return UNREADABLE;
  if (UnsupportedFunctionalityError.isInstance(error))
    return { problem: `does not take ${clean(error.functionality)}`, retryable: false, ofRequest: true };
  if (!APICallError.isInstance(error)) return { problem: `failed: ${clean(error)}`, retryable: false };
  const { statusCode, isRetryable } = error;
  if (statusCode === undefined)
    return { problem: `cannot be reached${reason(error)}`, retryable: isRetryable };
  // The SDK makes up a status for a 200 that is no reply, and then has the parsed body where the text would be.
  if (statusCode < 300 || typeof error.responseBody === "object") {
    const failure = failureIn(error.responseBody);
    return failure ? { problem: `failed: ${clean(failure)}`, retryable: true } : UNREADABLE;
  }
  // Providers repeat parts of a rejected key in their message.
  if (statusCode === 401) return { problem: "rejected the API key (401)", retryable: false };
  if (statusCode === 403) return { problem: "denied access (403)", retryable: false };
  const said = error.message === "" ? "" : `: ${clean(error)}`;
  const ofRequest = REQUEST_REFUSED.includes(statusCode);
  return { problem: `answered ${statusCode}${said}`, retryable: isRetryable, ofRequest };
}

/** A proxy's error page, or a reply that broke off: the next try may get a whole one. */
const UNREADABLE: Diagnosis = { problem: "answered with something unreadable", retryable: true };

/** Asked again, this model or another one would most likely write as much again. */
const TOO_LONG: Diagnosis = {
  problem: `answered with more than ${MAX_REPLY_BYTES / 1_000_000} MB, which a run cannot hold`,
  retryable: false,
  ofRequest: true,
};

/** @see https://platform.openai.com/docs/api-reference/responses/object#responses/object-error */
const failedBody = z.object({ error: z.object({ message: z.string() }) });

/** What a 200 says that failed: OpenAI's Responses and some gateways report a failure there. */
function failureIn(body: unknown): string | undefined {
  try {
    return failedBody.safeParse(typeof body === "string" ? JSON.parse(body) : body).data?.error.message;
  } catch {
    return undefined;
  }
}

/** The system's code for a broken connection; its message would name the address. */
function reason({ cause }: APICallError): string {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? ` (${code})` : "";
}

function clean(error: unknown, apiKey: string): string {
  return cleanMessage(error, [apiKey]).replace(/\bhttps?:\/\/\S+/g, "[link]");
}
