/** One request to a function, on its way to an execution environment. */
export interface Invocation {
  requestId: string;
  payload: Buffer;
  /** The ARN that the caller used, with its qualifier. */
  invokedArn: string;
}

/** An invocation that an environment has taken. Neither promise rejects. */
export interface Execution {
  /** As soon as the function has answered, or its environment has ended without an answer. */
  outcome: Promise<Outcome>;
  /** When the environment is free for another one, or has ended. */
  ended: Promise<void>;
}

/** What came of an invocation, with what it cost. */
export interface Outcome {
  body: Buffer;
  /** The value of `X-Amz-Function-Error`, if the function failed. */
  functionError?: "Unhandled";
  /** It is the first one of an environment that was started for a request. */
  coldStart: boolean;
  /** Up to the answer, with the init phase if it is a cold start, in whole milliseconds, as AWS bills them. */
  billedMs: number;
}

/** The body of a function error, in the shape that every Lambda runtime uses. */
export function errorBody(errorType: string, errorMessage: string, trace: string[] = []): Buffer {
  return Buffer.from(JSON.stringify({ errorType, errorMessage, trace }));
}

/** The answer to an invocation whose environment gave none, in AWS's words. */
export function failure(
  { requestId }: Invocation,
  errorType: string,
  text: string,
): Pick<Outcome, "body" | "functionError"> {
  return { body: errorBody(errorType, `RequestId: ${requestId} Error: ${text}`), functionError: "Unhandled" };
}
