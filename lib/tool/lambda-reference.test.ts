import { expect, test } from "vitest";
import { parseLambdaReference } from "./lambda-reference.ts";

const arn = "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:rates";

test.each([
  ["rates", { name: "rates" }],
  ["rates:live", { name: "rates", qualifier: "live" }],
  ["rates:$LATEST", { name: "rates", qualifier: "$LATEST" }],
  [arn, { name: "rates", arn, region: "us-gov-west-1", account: "123456789012" }],
  [`${arn}:7`, { name: "rates", qualifier: "7", arn, region: "us-gov-west-1", account: "123456789012" }],
])("%s names a function", (text, reference) => {
  expect(parseLambdaReference(text)).toEqual(reference);
});

test("{stage} stands for the deployment's stage, in the name or in the alias", () => {
  expect(parseLambdaReference("rates-{stage}")).toEqual({ name: "rates-dev" });
  expect(parseLambdaReference("rates:{stage}", { project: "billing", stage: "prod" })).toEqual({
    name: "rates",
    qualifier: "prod",
  });
  const deployment = { project: "billing", stage: "pr-17" };
  expect(parseLambdaReference("{name}-rates-{stage}")).toEqual({ name: "fanout-rates-dev" });
  expect(parseLambdaReference("{name}-rates-{stage}", deployment)).toEqual({ name: "billing-rates-pr-17" });
});

test.each([
  "",
  "a b",
  "rates:",
  "../rates",
  "rates:*",
  "a".repeat(65),
  "123456789012:function:rates",
  "arn:aws:lambda:us-east-1:12:function:rates",
  "arn:aws:lambda:*:123456789012:function:rates",
])("%j names none", (text) => {
  expect(parseLambdaReference(text)).toBeUndefined();
});
