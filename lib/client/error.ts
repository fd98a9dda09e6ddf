import { HttpCallError } from "@restatedev/restate-sdk-clients";

/**
 * Why something could not be done:
 * - `bad-request`: what was sent is not what was expected;
 * - `unauthorized`: no token, or one that is not accepted;
 * - `not-found`: no such agent, run or approval, or a run of somebody else;
 * - `answered`: somebody has answered otherwise, or nobody waits for an answer any more;
 * - `too-many`: too many requests or open streams, for now;
 * - `run-failed`: the run ended with an error, whose code is `status`;
 * - `run-cancelled`: the run was cancelled or killed;
 * - `unavailable`: nobody answered, or not as expected, however often it was asked;
 * - `unsupported`: what this client was connected to cannot do it.
 */
export type ErrorCode =
  | "bad-request"
  | "unauthorized"
  | "not-found"
  | "answered"
  | "too-many"
  | "run-failed"
  | "run-cancelled"
  | "unavailable"
  | "unsupported";

interface FailureFacts {
  status?: number | undefined;
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** What every function of this client throws, but for the reason of a signal that aborts. */
export class FanoutError extends Error {
  override readonly name = "FanoutError";
  /** Why, for a program to decide by; `message` is for people. */
  readonly code: ErrorCode;
  /** The HTTP status; undefined if there was no answer. */
  readonly status: number | undefined;
  /** How long the server asks to wait before the next try, in ms; undefined if it does not say. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: FailureFacts = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Whether the same request may succeed later. */
export function isPassing(error: unknown): boolean {
  return error instanceof FanoutError && (error.code === "unavailable" || error.code === "too-many");
}

/**
 * What an answer that is no success means.
 * @param ofRun whether the run itself has ended so, and not the request.
 */
export function failureOf(
  status: number,
  message: string,
  ofRun: boolean,
  retryAfterMs?: number,
): FanoutError {
  return new FanoutError(codeOf(status, ofRun), message, { status, retryAfterMs });
}

function codeOf(status: number, ofRun: boolean): ErrorCode {
  // Restate's own code for what was cancelled or killed.
  if (ofRun) return status === 409 ? "run-cancelled" : "run-failed";
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "not-found";
  if (status === 409) return "answered";
  if (status === 429) return "too-many";
  if (status === 501) return "unsupported";
  return status === 408 || status === 425 || status >= 500 ? "unavailable" : "bad-request";
}

/**
 * An error of Restate's ingress client under this client's own name.
 * @param url where it was asked.
 * @param ofRun whether it was a run that was asked, whose failure it may be.
 */
export function fromIngress(error: unknown, url: string, ofRun: boolean): FanoutError {
  if (error instanceof FanoutError) return error;
  if (!(error instanceof HttpCallError))
    return new FanoutError("unavailable", `Restate's ingress at ${url} does not answer.`, { cause: error });
  const { status, responseText } = error;
  const { message, source } = read(responseText);
  if (source !== "invocation" && (status === 401 || status === 403))
    return failureOf(status, `Restate's ingress at ${url} refused the token.`, false);
  return failureOf(status, message, ofRun && source === "invocation");
}

/** Restate says in its answer whose failure it is: its own, or that of what was called. */
export function read(responseText: string): { message: string; source?: string } {
  try {
    const { message = responseText, source } = JSON.parse(responseText);
    return { message, source };
  } catch {
    return { message: responseText };
  }
}
