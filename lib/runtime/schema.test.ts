import { expect, test } from "vitest";
import * as z from "zod";
import { jsonSerde } from "./json-serde.ts";
import { check } from "./schema.ts";

const schema = z.object({
  city: z.string().min(1),
  days: z.int().default(1),
  tags: z.array(z.string()).optional(),
});
const bytes = (text: string) => new TextEncoder().encode(text);

test("a good value is parsed and its defaults filled in", () => {
  expect(check(schema, { city: "Tokyo" })).toEqual({ data: { city: "Tokyo", days: 1 } });
});

test.each([
  [{}, "city: expected string, got nothing"],
  [{ city: 5 }, "city: expected string, got 5"],
  [{ city: "Tokyo", tags: ["a", 1] }, "tags.1: expected string, got 1"],
  [undefined, "expected object, got nothing"],
  ["Tokyo", 'expected object, got "Tokyo"'],
])("%j is refused with the field, what was expected and what came", (value, problem) => {
  expect(check(schema, value)).toEqual({ problem });
});

test("what JSON cannot show of a rejected value is told by its kind", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const came = [Number.NaN, new Map(), 5n, cyclic, undefined].map((city) => check(schema, { city }).problem);
  expect(came).toEqual(
    ["NaN", "a Map", "a bigint", "an object", "nothing"].map((kind) => `city: expected string, got ${kind}`),
  );
  expect(check(z.object({ any: z.unknown() }), {}).problem).toBe("any: expected a value, got nothing");
});

test("a schema's own words are kept", () => {
  const own = z.string({ error: "a city, received or not" });
  expect(check(own, 5).problem).toBe("a city, received or not, got 5");
});

test("a long rejected value is quoted only in part", () => {
  const { problem } = check(schema, { city: { nested: "x".repeat(1000) } });
  expect(problem?.length).toBeLessThan(200);
});

test("a schema that throws is a problem, not an exception", () => {
  const asynchronous = z.string().refine(async () => true);
  expect(check(asynchronous, "x").problem).toMatch(/cannot be checked/);
});

test("a handler's input that is not JSON is a 400 which quotes it", () => {
  const error = catchError(() => jsonSerde(schema).deserialize(bytes("{city")));
  expect(error).toMatchObject({ code: 400, message: 'expected JSON, got "{city"' });
});

test("a handler's input that nests too deep is a 400, whatever the schema makes of it", () => {
  const deep = (levels: number) => bytes(`${"[".repeat(levels)}${"]".repeat(levels)}`);
  const anything = jsonSerde(z.json());
  expect(() => anything.deserialize(deep(100))).not.toThrow();
  for (const levels of [101, 500_000]) {
    expect(catchError(() => anything.deserialize(deep(levels)))).toMatchObject({
      code: 400,
      message: "expected JSON that nests 100 deep at most",
    });
  }
});

test("a handler's input that breaks the schema is a 400 which names the field", () => {
  const error = catchError(() => jsonSerde(schema).deserialize(bytes('{"city":""}')));
  expect(error).toMatchObject({ code: 400, message: expect.stringContaining("city: ") });
});

test("Restate's catalogue lists fields with defaults as optional", () => {
  expect(jsonSerde(schema).jsonSchema).toMatchObject({ required: ["city"] });
});

function catchError(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}
