import { expect, test } from "vitest";
import { cleanMessage } from "./error.ts";

test("only the first line of a message is kept", () => {
  expect(cleanMessage(new Error("it broke\n    at Object.<anonymous> (/var/task/index.mjs:1:1)"))).toBe(
    "it broke",
  );
});

test("ARNs, credentials in URLs and secret values are taken out", () => {
  const error = new Error(
    "arn:aws:lambda:us-east-1:123456789012:function:x:1 with hunter2 at postgres://me:pw@db/x",
  );
  expect(cleanMessage(error, ["hunter2", ""])).toBe("[arn] with [secret] at postgres://[secret]@db/x");
});

test("a long message is cut and an empty one is named", () => {
  expect(cleanMessage("x".repeat(10_000))).toHaveLength(501);
  expect(cleanMessage(new Error(""))).toBe("failed without a message");
});
