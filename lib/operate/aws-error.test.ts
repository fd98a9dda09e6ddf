import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { serveOnLoopback } from "../sandbox/index.ts";
import { explainAwsError, inWords } from "./aws-error.ts";

/** What the real client throws when AWS answers so. */
async function thrownFor(type: string, status: 400 | 403 | 429, message: string): Promise<unknown> {
  const aws = await serveOnLoopback(
    new Hono().all("/*", (c) => c.json({ message }, status, { "x-amzn-errortype": type })),
  );
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
  const client = new LambdaClient({ endpoint: aws.url, region: "eu-west-1", credentials, maxAttempts: 1 });
  try {
    return await client.send(new GetAccountSettingsCommand({}));
  } catch (error) {
    return error;
  } finally {
    await aws.stop();
  }
}

test.each([
  [
    "ExpiredTokenException",
    403,
    "The security token included in the request is expired",
    /session has expired/,
  ],
  [
    "UnrecognizedClientException",
    403,
    "The security token included in the request is invalid.",
    /does not accept/,
  ],
  ["InvalidSignatureException", 403, "The request signature we calculated does not match", /does not accept/],
  ["TooManyRequestsException", 429, "Rate exceeded", /throttles management requests/],
  ["ServiceException", 400, "Something\nlong", /^Something$/],
] as const)("%s (%i) is told in words", async (type, status, message, words) => {
  expect(explainAwsError(await thrownFor(type, status, message)).what).toMatch(words);
});

test("a denied action is named, without the ARNs", async () => {
  const message =
    "User: arn:aws:iam::123456789012:user/x is not authorized to perform: lambda:GetAccountSettings on resource: arn:aws:lambda:eu-west-1:123456789012:*";
  const explanation = explainAwsError(await thrownFor("AccessDeniedException", 403, message));
  expect(explanation).toEqual({
    what: "these AWS credentials may not do lambda:GetAccountSettings",
    advice: "Ask for the permission lambda:GetAccountSettings, or use another AWS_PROFILE.",
  });
});

test("a region that has no Lambda does not answer", async () => {
  const unreachable = Object.assign(new Error("getaddrinfo ENOTFOUND lambda.eu-west-9.amazonaws.com"), {
    code: "ENOTFOUND",
  });
  expect(explainAwsError(unreachable, "eu-west-9")).toMatchObject({
    what: "Lambda does not answer in eu-west-9 (ENOTFOUND)",
    advice: expect.stringContaining("AWS_REGION"),
  });
});

test("without a region or credentials the client's own errors are told in words", async () => {
  const client = new LambdaClient({
    region: "eu-west-1",
    credentials: () =>
      Promise.reject(Object.assign(new Error("Could not load"), { name: "CredentialsProviderError" })),
  });
  const error = await client.send(new GetAccountSettingsCommand({})).catch((thrown: unknown) => thrown);
  expect(explainAwsError(error).what).toBe("there are no AWS credentials");
  expect(explainAwsError(new Error("Region is missing")).what).toBe("no AWS region is set");
});

test("an error that is shown begins with a capital; errors that are not AWS's stay as they are", async () => {
  expect(inWords(await thrownFor("ExpiredTokenException", 403, "expired"))).toMatchObject({
    message: expect.stringMatching(/^The AWS session has expired\. Log in again/),
  });
  const own = new Error("Unknown service");
  expect(inWords(own)).toBe(own);
});
