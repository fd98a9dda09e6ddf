import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonMeasure, jsonBytes } from "./json.ts";

const extentOf = (value: unknown) => new JsonMeasure().extentOf(value);

test("a value takes as many bytes as its JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(extentOf(value).bytes).toBe(jsonBytes(value));
    }),
  );
  expect(extentOf({ left: undefined, kept: -0 }).bytes).toBe(jsonBytes({ kept: 0 }));
});

test("depth is how many arrays and objects stand inside each other", () => {
  expect(["x", [], [{}], [[[]], [0]]].map((value) => extentOf(value).depth)).toEqual([0, 1, 2, 3]);
});

class Money {}
const cyclic: Record<string, unknown> = {};
cyclic.self = { again: [cyclic] };

test.each([
  [{ rows: [1, { at: new Date(0) }] }, "rows.1.at: expected JSON, got a Date"],
  [new Map(), "expected JSON, got a Map"],
  [[new Set()], "0: expected JSON, got a Set"],
  [{ price: new Money() }, "price: expected JSON, got a Money"],
  [{ bytes: Buffer.from("x") }, "bytes: expected JSON, got a Buffer"],
  [{ error: new Error("x") }, "error: expected JSON, got an Error"],
  [{ count: 5n }, "count: expected JSON, got a bigint"],
  [{ toJSON: () => 1 }, "toJSON: expected JSON, got a function"],
  [{ mark: Symbol("x") }, "mark: expected JSON, got a symbol"],
  [[1, undefined], "1: expected JSON, got undefined"],
  [new Array(2), "0: expected JSON, got undefined"],
  [undefined, "expected JSON, got undefined"],
  [{ rate: Number.NaN }, "rate: expected JSON, got NaN"],
  [{ rate: -1 / 0 }, "rate: expected JSON, got -Infinity"],
  [cyclic, "self.again.0: expected JSON, got an object that contains itself"],
])("%o is no JSON, and the field is named", (value, message) => {
  expect(() => extentOf(value)).toThrow(message);
});

test("an object without a prototype, and one that stands in two places, are JSON", () => {
  const shared = Object.assign(Object.create(null), { x: 1 });
  expect(extentOf([shared, { shared }])).toEqual({
    bytes: jsonBytes([{ x: 1 }, { shared: { x: 1 } }]),
    depth: 3,
  });
});
