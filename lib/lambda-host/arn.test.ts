import { expect, test } from "vitest";
import { functionArn, parseFunctionReference } from "./arn.ts";

test.each([
  ["weather", { name: "weather", foreign: false }],
  ["weather:3", { name: "weather", qualifier: "3", foreign: false }],
  ["weather:$LATEST", { name: "weather", qualifier: "$LATEST", foreign: false }],
  ["000000000000:function:weather", { name: "weather", foreign: false }],
  ["000000000000:function:weather:3", { name: "weather", qualifier: "3", foreign: false }],
  [functionArn("weather"), { name: "weather", foreign: false }],
  [functionArn("weather", "3"), { name: "weather", qualifier: "3", foreign: false }],
  ["arn:aws:lambda:eu-west-1:000000000000:function:weather", { name: "weather", foreign: true }],
  ["123456789012:function:weather", { name: "weather", foreign: true }],
])("%s is one of AWS's forms", (text, reference) => {
  expect(parseFunctionReference(text)).toEqual(reference);
});

test.each(["", "a b", "weather:", "arn:aws:s3:::bucket", "../x"])("%j is none", (text) => {
  expect(parseFunctionReference(text)).toBeUndefined();
});
