import { CancelledError, RetryableError, TerminalError } from "@restatedev/restate-sdk/lambda";
import { cleanMessage } from "../runtime/index.ts";
import { ModelError } from "./models/seam.ts";

/** The longest wait between two tries, in seconds: a person is waiting for the run. */
const MAX_RETRY_AFTER_SECONDS = 60;
/** HTTP status of a run whose model gave no reply. */
const BAD_GATEWAY = 502;

/** How Restate tries a model request again: three tries before the run fails. */
export const MODEL_RETRIES = {
  maxRetryAttempts: 3,
  initialRetryInterval: 500,
  maxRetryInterval: { seconds: 10 },
} as const;

/** What a failed request becomes inside its durable step: tried again, after the provider's retry-after, or terminal. */
export function toRestateError(error: unknown): Error {
  const message = cleanMessage(error);
  if (!(error instanceof ModelError && error.retryable))
    return new TerminalError(message, { errorCode: BAD_GATEWAY });
  const { retryAfterSeconds } = error;
  return new RetryableError(message, {
    errorCode: BAD_GATEWAY,
    ...(retryAfterSeconds !== undefined && {
      retryAfter: { seconds: Math.min(retryAfterSeconds, MAX_RETRY_AFTER_SECONDS) },
    }),
  });
}

/** The end of a run whose model gave no reply. */
class ModelFailure extends TerminalError {
  override name = "ModelFailure";
}

/**
 * Restate says 500 when the attempts are used up; what failed is the model behind this service. F13: a cancellation is
 * passed on as it is.
 */
export function ofTheModel(error: unknown): unknown {
  return error instanceof TerminalError && !(error instanceof CancelledError)
    ? new ModelFailure(error.message, { errorCode: BAD_GATEWAY })
    : error;
}
