import { expect, test } from "vitest";
import { callField, callHeader, ignoreCallHeader } from "./call-header.ts";

test("a field is what it was, whatever a model writes into an id", () => {
  const headers = new Map(Object.entries(callHeader({ run: "inv_1", call: "a b&until=1 ü" })));
  expect([...headers.values()].join()).toMatch(/^[\x21-\x7e]+$/);
  expect(callField(headers, "call")).toBe("a b&until=1 ü");
  expect(callField(headers, "run")).toBe("inv_1");
  expect(callField(headers, "until")).toBeUndefined();
});

test("what a call carries inside a run is dropped, in any spelling, and nothing else", () => {
  const headers = new Map(
    ["x-fanout", "X-Fanout", "content-type", "x-request-id"].map((name) => [name, "1"]),
  );
  ignoreCallHeader({ request: { headers } } as never);
  expect([...headers.keys()]).toEqual(["content-type", "x-request-id"]);
});
