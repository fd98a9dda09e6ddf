import { expect, test } from "vitest";
import { explain } from "./explain.ts";

const ARN = "arn:aws:lambda:us-east-1:000000000000:function:fanout-dev-gate:2";
const properties = { adminUrl: "https://restate.example:9070", serviceLambdaArn: ARN };
const refused = (status: number, message: string) =>
  `Giving up after 3 attempts. Last error: Registration failed (${status}): ${message}`;
const calling = (what: string) =>
  JSON.stringify({ message: `[META0003] error when calling '${ARN}': ${what}`, restate_code: "META0003" });
const trace = Array.from({ length: 200 }, (_, line) => `    at f${line} (file:///var/task/index.mjs:1:1)`);

// What restate-cdk 1.7.0 and restate-server 1.7.12 were seen to say.
test.each([
  [
    "a function that does not start, however long its stack is",
    refused(
      500,
      calling(
        `function returned an error during execution: ${JSON.stringify({ errorMessage: "No key.", errorType: "Error", trace })}`,
      ),
    ),
    "Restate cannot use fanout-dev-gate:2 (500): No key.",
  ],
  [
    "a function that Restate may not invoke",
    refused(
      500,
      calling(
        "lambda service returned error: service error: AccessDeniedException: User is not authorized to perform: lambda:InvokeFunction (ServiceError(ServiceError { raw: Response }))",
      ),
    ),
    "Restate cannot use fanout-dev-gate:2 (500): Lambda: AccessDeniedException: User is not authorized to perform: lambda:InvokeFunction",
  ],
  [
    "a key that is refused",
    refused(401, '{"message":"Who?"}'),
    "Restate cannot use fanout-dev-gate:2 (401): Who?",
  ],
  [
    "a proxy",
    refused(502, "<html>Bad gateway"),
    "Restate cannot use fanout-dev-gate:2 (502): <html>Bad gateway",
  ],
  [
    "a server that is not well",
    "(503)",
    "fanout-dev-gate:2 cannot be registered with Restate at https://restate.example:9070: it answered 503",
  ],
  [
    "a server that is not there",
    "connect ECONNREFUSED 127.0.0.1:1",
    "fanout-dev-gate:2 cannot be registered with Restate at https://restate.example:9070: connect ECONNREFUSED 127.0.0.1:1",
  ],
])("%s", (_, failure, reason) => {
  expect(explain(failure, properties)).toBe(reason);
});
