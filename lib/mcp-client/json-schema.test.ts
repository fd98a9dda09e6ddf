import { describe, expect, test } from "vitest";
import * as z from "zod";
import { check, findNoJson } from "../runtime/index.ts";
import { type JsonSchema, jsonObject, jsonValue } from "./json-schema.ts";

const problemOf = (schema: JsonSchema, value: unknown) => check(jsonObject(schema), value).problem;

const ORDER: JsonSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  type: "object",
  properties: {
    items: { type: "array", items: { $ref: "#/definitions/item" }, minItems: 1 },
    to: {
      oneOf: [
        { type: "string", format: "email" },
        { type: "object", required: ["street"] },
      ],
    },
  },
  patternProperties: { "^x-": { type: "number" } },
  additionalProperties: { type: "boolean" },
  required: ["items"],
  definitions: {
    item: {
      type: "object",
      properties: {
        name: { type: "string" },
        parts: { type: "array", items: { $ref: "#/definitions/item" } },
      },
      required: ["name"],
    },
  },
};

describe("a JSON Schema that Zod cannot say", () => {
  test("is what the model, Restate and a person who approves are shown, word by word", () => {
    expect(z.toJSONSchema(jsonObject(ORDER), { io: "input" })).toEqual(ORDER);
    expect(findNoJson("input", jsonObject(ORDER), ["input"])).toBeUndefined();
  });

  test("lets a value through unchanged, with no default filled in and nothing dropped", () => {
    const schema = { type: "object", properties: { size: { type: "number", default: 3 } } };
    const value = { other: [1, { a: null }] };
    expect(check(jsonObject(schema), value)).toEqual({ data: value });
  });

  test.each([
    [{ items: [{ name: "a", parts: [{ name: "b" }] }], "x-y": 1, z: true, to: "a@b.example" }, undefined],
    [{}, /^Instance does not have required property "items", got \{\}$/],
    [{ items: [] }, /^items: Array has too few items \(0 < 1\), got \[\]$/],
    [{ items: [{ name: "a", parts: [{ name: 3 }] }] }, /^items\.0\.parts\.0\.name: .*"number".*, got 3$/],
    [{ items: [{ name: "a" }], "x-y": "1" }, /^x-y: .*"string".*, got "1"$/],
    [{ items: [{ name: "a" }], z: 1 }, /z: .*"number"/],
    [{ items: [{ name: "a" }], to: 3 }, /to: .*oneOf|to: /],
    [[], /expected object/],
  ])("checks %j by it", (value, problem) => {
    if (problem === undefined) expect(problemOf(ORDER, value)).toBeUndefined();
    else expect(problemOf(ORDER, value)).toMatch(problem);
  });

  test("is of 2020-12 unless it says otherwise", () => {
    const tuple = { type: "array", prefixItems: [{ type: "number" }], items: false };
    const schema = { type: "object", properties: { tuple } };
    expect(problemOf(schema, { tuple: [1] })).toBeUndefined();
    expect(problemOf(schema, { tuple: [1, 2] })).toMatch(/^tuple/);
  });

  test("is refused where a reference leads nowhere, or out into the net, and where a pattern is none", () => {
    const refusing = (a: JsonSchema) => expect(() => jsonObject({ type: "object", properties: { a } }));
    refusing({ $ref: "#/$defs/gone" }).toThrow(
      'a JSON Schema that cannot be checked: "#/$defs/gone" leads nowhere',
    );
    refusing({ $ref: "https://schemas.example/a.json" }).toThrow("leads nowhere");
    refusing({ pattern: "(" }).toThrow("Invalid regular expression");
  });

  test("tells five problems at most", () => {
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    expect(problemOf({ type: "object", required: names }, {})?.split("; ")).toHaveLength(5);
  });
});

test("the references of a result's schema lead into it where it stands in another one", () => {
  const output = { type: "object", properties: { next: { $ref: "#" } } };
  const report = z.toJSONSchema(z.object({ output: jsonValue(output, "urn:mcp:a:b") }));
  expect(report).toMatchObject({ properties: { output: { ...output, $id: "urn:mcp:a:b" } } });
});
