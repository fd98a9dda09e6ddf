import { expect, test } from "vitest";
import { check } from "../runtime/index.ts";
import { attachments, mediaTypeOf, refuseUntyped } from "./attachments.ts";

const problemOf = (list: unknown) => check(attachments, list).problem;
const inline = (length: number) => ({ data: "A".repeat(length), mediaType: "image/png" });

test("a URL is https, an inline file is base64 with its media type, and nothing else is an attachment", () => {
  expect(problemOf([{ url: "https://example.com/a.png" }, inline(4)])).toBeUndefined();
  expect(problemOf([{ url: "http://example.com/a.png" }])).toContain("expected an https URL");
  expect(problemOf([{ url: "file:///etc/passwd" }])).toContain("expected an https URL");
  expect(problemOf([{ data: "A===!", mediaType: "image/png" }])).toContain("expected base64");
  expect(problemOf([{ data: "AAAA" }])).toContain("0");
});

test("all of a message's inline files have 1 MB together", () => {
  expect(problemOf([inline(500_000), inline(500_000)])).toBeUndefined();
  expect(problemOf([inline(500_000), inline(500_004)])).toContain(
    "expected at most 1000000 characters of base64 in all of a message's attachments, and a URL for what is larger; there are 1000004",
  );
});

test("a URL's media type is what is said, or how its path ends; one with neither is refused", () => {
  expect(mediaTypeOf({ url: "https://example.com/a.JPG?x=.png" })).toBe("image/jpeg");
  expect(mediaTypeOf({ url: "https://example.com/a.png", mediaType: "image/webp" })).toBe("image/webp");
  expect(() =>
    refuseUntyped([{ url: "https://example.com/a.png" }, { url: "https://example.com/b" }]),
  ).toThrow(
    "attachments.1.mediaType: expected one, because the URL ends in none of gif, jpeg, jpg, pdf, png, webp",
  );
});
