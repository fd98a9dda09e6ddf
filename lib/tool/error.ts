/**
 * A failure that the model can act on: its message is the call's result.
 * Throw it from a tool's implementation; any other error counts as `retryable`.
 */
export class ToolError extends Error {
  override readonly name = "ToolError";
  /** Whether another try may succeed (default false): true for a provider's 429, 5xx or broken connection. */
  readonly retryable: boolean;
  /** How long the provider asked to wait before the next try, in seconds; undefined for a negative wish, or NaN. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    options: { retryable?: boolean; retryAfterSeconds?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable ?? false;
    const { retryAfterSeconds } = options;
    // What is computed from a provider's answer may be anything.
    this.retryAfterSeconds =
      retryAfterSeconds !== undefined && retryAfterSeconds >= 0 ? retryAfterSeconds : undefined;
  }
}
