import { withoutSecrets } from "./redaction.ts";

/** The longest error message that reaches a model or a person, in characters. */
const MAX_MESSAGE_LENGTH = 500;

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

/**
 * An error's message, fit for a model or a person: the first line only (stacks and dumps follow it), without ARNs,
 * credentials in URLs or the given secret values, at most 500 characters.
 */
export function cleanMessage(error: unknown, secretValues: readonly string[] = []): string {
  const text = withoutSecrets(error instanceof Error ? error.message : String(error), secretValues);
  const firstLine = text.trim().split("\n", 1)[0] ?? "";
  const redacted = firstLine
    .replace(/arn:aws[\w-]*:\S+/g, "[arn]")
    // Up to the last @ before the host's end: a password may have one itself.
    .replace(/:\/\/[^\s/"]+@/g, "://[secret]@");
  if (redacted === "") return "failed without a message";
  return redacted.length <= MAX_MESSAGE_LENGTH ? redacted : `${redacted.slice(0, MAX_MESSAGE_LENGTH)}…`;
}
