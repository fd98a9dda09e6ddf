import { CancelledError, RetryableError, TerminalError } from "@restatedev/restate-sdk/lambda";
import { cleanMessage } from "../runtime/index.ts";
import { ModelError } from "./models/seam.ts";

/** The longest wait between two tries, in seconds: a person is waiting for the run. */
const MAX_RETRY_AFTER_SECONDS = 60;
/** HTTP status of a run whose model gave no reply. */
const BAD_GATEWAY = 502;
/** Status of a step whose request was refused for what it is; the run's is BAD_GATEWAY all the same. */
const BAD_REQUEST = 400;

/** How Restate tries a model request again: three tries before the run fails. */
export const MODEL_RETRIES = {
  maxRetryAttempts: 3,
  initialRetryInterval: 500,
  maxRetryInterval: { seconds: 10 },
} as const;

/** What a failed request becomes inside its durable step: tried again, after the provider's retry-after, or terminal. */
export function toRestateError(error: unknown): Error {
  const message = cleanMessage(error);
  if (!(error instanceof ModelError)) return new TerminalError(message, { errorCode: BAD_GATEWAY });
  if (!error.retryable)
    return new TerminalError(message, { errorCode: error.ofRequest ? BAD_REQUEST : BAD_GATEWAY });
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
 * Whether another model may reply where this one did not. One that would be asked the same in vain is not asked: a request that
 * is malformed or too long, a reply that no run can hold. F13: nor is one for a cancelled run.
 */
export function mayFallBack(error: unknown): error is TerminalError {
  return error instanceof TerminalError && !(error instanceof CancelledError) && error.code !== BAD_REQUEST;
}

/**
 * Restate says 500 when the attempts are used up; what failed is the model behind this service. F13: a cancellation is
 * passed on as it is.
 * @param before what the turn's other models said. Default: there were none.
 * @param options `attached`: whether the caller has sent files, so that a request that is refused is the caller's fault.
 */
export function ofTheModel(
  error: unknown,
  before: readonly string[] = [],
  { attached = false }: { attached?: boolean } = {},
): unknown {
  if (!(error instanceof TerminalError) || error instanceof CancelledError) return error;
  const errorCode = attached && error.code === BAD_REQUEST ? BAD_REQUEST : BAD_GATEWAY;
  return new ModelFailure(asOne([...before, error.message]), { errorCode });
}

/** What is said of several models that failed, in characters. */
const MAX_FAILURES_LENGTH = 480;

/** What the models said, in one line; each names itself. */
function asOne(failures: readonly string[]): string {
  if (failures.length === 1) return failures.join();
  const share = Math.floor(MAX_FAILURES_LENGTH / failures.length);
  return failures.map((failure) => failure.replace(/\.$/, "").slice(0, share)).join(". ");
}
