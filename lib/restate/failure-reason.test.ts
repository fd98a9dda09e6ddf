import { expect, test } from "vitest";
import { cleanMessage } from "../runtime/index.ts";
import { failureReason } from "./failure-reason.ts";

const ARN = "arn:aws:lambda:us-east-1:000000000000:function:fanout-stuck:2";
const calling = (what: string) => `[500 Internal] error when calling '${ARN}': ${what}`;
const functionError = (error: object) =>
  calling(`function returned an error during execution: ${JSON.stringify(error)}`);

// What restate-server 1.7.12 was seen to keep of each.
test.each([
  [
    "an error that a handler throws, without its stack",
    "[500 Internal] Cannot read properties of undefined (reading 'x')\nTypeError: Cannot read …\n    at file:///var/task/index.mjs:20:3807",
    "Cannot read properties of undefined (reading 'x')",
  ],
  [
    "an error that leaves the function, without its trace",
    functionError({
      errorMessage: "no key",
      errorType: "RangeError",
      trace: ["RangeError: no key", "    at x"],
    }),
    "no key",
  ],
  [
    "a crash, without the request's id",
    functionError({
      errorMessage:
        "RequestId: e1a7ba86-9704-42b9-ae74-ec3fd51f895c Error: Runtime exited with error: exit status 3",
      errorType: "Runtime.ExitError",
      trace: [],
    }),
    "Runtime exited with error: exit status 3",
  ],
  [
    "a timeout",
    functionError({
      errorMessage:
        "RequestId: 296c04c2-8d63-4ef4-b6d7-9a8a56d33041 Error: Task timed out after 1.00 seconds",
      errorType: "Sandbox.Timedout",
      trace: [],
    }),
    "Task timed out after 1.00 seconds",
  ],
  [
    "a throttled invocation, without the dump of the response",
    calling(
      'lambda service returned error: service error: TooManyRequestsException: Rate Exceeded.: TooManyRequestsException: Rate Exceeded. (ServiceError(ServiceError { source: TooManyRequestsException { headers: {"x-amzn-requestid": "25dcc231"} } }))',
    ),
    "Lambda: TooManyRequestsException: Rate Exceeded.",
  ],
  [
    "a function that Restate may not invoke",
    calling(
      "lambda service returned error: service error: AccessDeniedException: User is not authorized to perform: lambda:InvokeFunction (ServiceError(ServiceError { raw: Response }))",
    ),
    "Lambda: AccessDeniedException: User is not authorized to perform: lambda:InvokeFunction",
  ],
  [
    "an error without a message",
    functionError({ errorType: "Runtime.Unknown", errorMessage: "" }),
    "Runtime.Unknown",
  ],
  ["words that Restate may change", calling("something new"), "error when calling '[arn] something new"],
])("%s", (_, failure, reason) => {
  expect(cleanMessage(failureReason(failure))).toBe(reason);
});
