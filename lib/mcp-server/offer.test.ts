import { expect, test } from "vitest";
import * as z from "zod";
import { defineAgent } from "../agent/index.ts";
import { defineTool } from "../tool/index.ts";
import { agentOffer, ownHandlerOffer, toolOffer } from "./offer.ts";

const base = { description: "Does something.", input: z.object({ n: z.int().default(1) }) };
const reads = defineTool({ name: "reads", ...base, output: z.object({ m: z.int() }) });
const writes = defineTool({ name: "writes", ...base, output: z.object({}), effect: "write" });
const agentWith = (tools: (typeof reads | typeof writes)[]) =>
  defineAgent({ name: "Helper", description: "Helps.", model: "openai/m", instructions: "Help.", tools });

test("a field with a default is optional for whoever calls, and the tool gets what was given", () => {
  const offer = toolOffer(reads);
  expect(offer.definition.inputSchema.required).toBeUndefined();
  expect(offer.read({}, false)).toEqual({
    service: "ToolCalls",
    handler: "call",
    parameter: { tool: "reads", input: {} },
  });
  expect(offer.read({ n: "x" }, false)).toEqual({ problem: 'n: expected number, got "x"' });
});

test("an output that is no object has no schema, and is told as text", () => {
  const list = toolOffer(defineTool({ name: "list", ...base, output: z.array(z.int()) }));
  expect(list.definition).not.toHaveProperty("outputSchema");
  expect(list.result({ output: [1], truncated: false })).toEqual({
    content: [{ type: "text", text: "[1]" }],
  });
});

test("an output that does not fit its schema is a failure in words, since clients refuse it otherwise", () => {
  const note = { "[unreadable]": "The write took effect." };
  expect(toolOffer(reads).result({ output: note, truncated: false })).toEqual({
    content: [{ type: "text", text: JSON.stringify(note) }],
    isError: true,
  });
  expect(toolOffer(reads).result({ output: { m: 1 }, truncated: true })).toMatchObject({ isError: true });
});

test("an agent writes if one of its tools does, and tells its calls only to those who read them", () => {
  expect(agentOffer(agentWith([reads])).definition.annotations).toEqual({ readOnlyHint: true });
  expect(agentOffer(agentWith([reads, writes])).definition.annotations).toMatchObject({
    readOnlyHint: false,
    destructiveHint: true,
  });
  const read = (watched: boolean) => agentOffer(agentWith([])).read({ message: "Hi" }, watched);
  expect(read(false)).toMatchObject({ parameter: { message: "Hi" } });
  expect(read(true)).toMatchObject({ parameter: { message: "Hi", events: "calls" } });
});

test("an agent with a handler of its own takes what that takes", () => {
  const inputSchema = { type: "object" as const, properties: { amount: { type: "number" } } };
  const offer = ownHandlerOffer(agentWith([]), inputSchema);
  expect(offer.definition.inputSchema).toBe(inputSchema);
  expect(offer.read({ amount: 1 }, true)).toEqual({
    service: "Helper",
    handler: "run",
    parameter: { amount: 1 },
  });
});
