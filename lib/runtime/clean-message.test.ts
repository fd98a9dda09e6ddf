import { expect, test } from "vitest";
import { cleanMessage } from "./clean-message.ts";

test("only the first line of a message is kept", () => {
  expect(cleanMessage(new Error("it broke\n    at Object.<anonymous> (/var/task/index.mjs:1:1)"))).toBe(
    "it broke",
  );
});

test("ARNs, credentials in URLs and secret values are taken out", () => {
  const error = new Error(
    "arn:aws:lambda:us-east-1:123456789012:function:x:1 with hunter22 at postgres://me:pw@db/x",
  );
  expect(cleanMessage(error, ["hunter22", ""])).toBe("[arn] with [secret] at postgres://[secret]@db/x");
});

test.each([
  ["a password with an @ in it", "no way to postgres://me:p@ss@db/x", "no way to postgres://[secret]@db/x"],
  ["a password with an @ as URLs write it", "postgres://me:p%40ss@db/x", "postgres://[secret]@db/x"],
  ["two URLs", "https://a:b@c/d and https://e:f@g/h", "https://[secret]@c/d and https://[secret]@g/h"],
  [
    "a mail address is none",
    "ask a@b.example at https://c.example/d",
    "ask a@b.example at https://c.example/d",
  ],
])("of a URL its credentials are taken out: %s", (_what, message, clean) => {
  expect(cleanMessage(new Error(message))).toBe(clean);
});

test("of a secret that is a URL the password is one too, however it is written", () => {
  const secrets = [
    "postgres://me:correct%40horse/battery@db/x",
    "postgres://me:correct%40horse%2Fbattery@db/x",
  ];
  const message = "refused correct@horse/battery, correct%40horse%2Fbattery";
  expect(cleanMessage(new Error(message), secrets)).toBe("refused [secret], [secret]");
  expect(
    cleanMessage(new Error("no host horse at me:correct@horse"), ["postgres://me:correct@horse@db/x"]),
  ).toBe("no host horse at me:[secret]");
});

test("a secret is taken out as URLs write it, over several lines, and before a longer one's part is", () => {
  expect(cleanMessage(new Error("key=a%2Bb%2Fc%3D%3D"), ["a+b/c==x", "a+b/c=="])).toBe("key=[secret]");
  expect(cleanMessage(new Error("key -----BEGIN\nMIIE----- is bad"), ["-----BEGIN\nMIIE-----"])).toBe(
    "key [secret] is bad",
  );
  expect(cleanMessage(new Error("of 12345678abcd"), ["12345678", "12345678abcd"])).toBe("of [secret]");
  expect(cleanMessage(new Error("100%sure"), ["100%sure"])).toBe("[secret]");
});

test("a value shorter than 8 characters is left: it stands in messages by chance", () => {
  expect(cleanMessage(new Error("error 1 of eu, hunter2"), ["1", "eu", "hunter2"])).toBe(
    "error 1 of eu, hunter2",
  );
});

test("a long message is cut and an empty one is named", () => {
  expect(cleanMessage("x".repeat(10_000))).toHaveLength(501);
  expect(cleanMessage(new Error(""))).toBe("failed without a message");
});
