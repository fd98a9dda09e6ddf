import type { Context } from "hono";

/**
 * The errors of Lambda's API that this host knows, with their HTTP status. The SDKs have an exception class for each but
 * `ValidationException`, which arrives as a `LambdaServiceException` of that name.
 * @see https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html, and the Errors section of each operation
 */
const STATUS = {
  InvalidParameterValueException: 400,
  InvalidRequestContentException: 400,
  PreconditionFailedException: 412,
  ProvisionedConcurrencyConfigNotFoundException: 404,
  RequestTooLargeException: 413,
  ResourceConflictException: 409,
  ResourceNotFoundException: 404,
  TooManyRequestsException: 429,
  ValidationException: 400,
} as const;

/** What Lambda answers to a request that it does not carry out. */
export class LambdaError extends Error {
  readonly type: keyof typeof STATUS;
  /** Further fields of the answer, such as `Reason`. */
  readonly details: Readonly<Record<string, string>>;

  constructor(type: keyof typeof STATUS, message: string, details: Record<string, string> = {}) {
    super(message);
    this.name = type;
    this.type = type;
    this.details = details;
  }
}

/** AWS's REST-JSON error: the type in a header, the rest in the body. An error of another kind is thrown on. */
export function answerError(error: Error, c: Context): Response {
  if (!(error instanceof LambdaError)) throw error;
  const { type, message, details } = error;
  return c.json({ Type: "User", message, ...details }, STATUS[type], { "x-amzn-errortype": type });
}
