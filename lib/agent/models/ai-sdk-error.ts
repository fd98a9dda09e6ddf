import { APICallError, InvalidResponseDataError, UnsupportedFunctionalityError } from "ai";
import * as z from "zod";
import { parseRetryAfter, TooLong } from "../../runtime/index.ts";
import { cleaned, type Diagnosis, refusal, TOO_LONG } from "./diagnosis.ts";
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
    : diagnose(error, (message) => cleaned(message, [apiKey]));
  const headers = APICallError.isInstance(error) ? error.responseHeaders : undefined;
  return new ModelError(`The model ${name} ${problem}`, {
    ...kind,
    retryAfterSeconds: parseRetryAfter(headers?.["retry-after"]),
    cause: error,
  });
}

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
  return refusal(statusCode, error.message === "" ? "" : clean(error), isRetryable);
}

/** A proxy's error page, or a reply that broke off: the next try may get a whole one. */
const UNREADABLE: Diagnosis = { problem: "answered with something unreadable", retryable: true };

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
