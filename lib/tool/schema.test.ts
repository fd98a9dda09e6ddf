import { expect, test } from "vitest";
import * as z from "zod";
import { check, jsonSerde } from "./schema.ts";

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
  [{}, "city: Invalid input: expected string, received undefined, got nothing"],
  [{ city: 5 }, "city: Invalid input: expected string, received number, got 5"],
  [{ city: "Tokyo", tags: ["a", 1] }, "tags.1: Invalid input: expected string, received number, got 1"],
  ["Tokyo", 'Invalid input: expected object, received string, got "Tokyo"'],
])("%j is refused with the field, what was expected and what came", (value, problem) => {
  expect(check(schema, value)).toEqual({ problem });
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
