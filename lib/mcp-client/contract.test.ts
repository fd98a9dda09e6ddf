import { expect, expectTypeOf, test } from "vitest";
import type * as z from "zod";
import { type McpContract, mcpTool } from "./contract.ts";
import { defineMcpServer, type McpToolSettings } from "./define-server.ts";

const echo: McpContract = {
  name: "echo",
  description: "Says it again.",
  annotations: { readOnlyHint: true },
  inputSchema: { type: "object", properties: { message: { type: "string" } }, required: ["message"] },
};
const made = (settings: McpToolSettings, contract: Partial<McpContract> = {}) =>
  mcpTool<"every_echo", { message: string }, unknown>(
    "every",
    defineMcpServer({
      url: "https://mcp.example",
      authorization: { bearer: "TOKEN" },
      tools: { echo: settings },
    }),
    { ...echo, ...contract },
  );

test("a server's tool is a contract like any other, a write unless server.ts says that it reads", () => {
  expect(made({})).toMatchObject({
    name: "every_echo",
    description: "Says it again.",
    effect: "write",
    timeout: { seconds: 30 },
    attempts: 3,
    env: { EVERY_MCP_URL: "https://mcp.example" },
    secrets: ["TOKEN"],
    mcp: { server: "every", tool: "echo", url: "https://mcp.example", hasCommand: false },
  });
  expect(made({ effect: "read" }).effect).toBe("read");
  expectTypeOf<z.input<ReturnType<typeof made>["input"]>["message"]>().toEqualTypeOf<string>();
});

test("server.ts has the last word", () => {
  const settings = { name: "say", description: "Say.", timeout: { seconds: 5 }, approval: "always" } as const;
  expect(made(settings)).toMatchObject(settings);
});

test("a description is there, and is no longer than a model should read", () => {
  expect(made({}, { description: "x".repeat(5000) }).description).toHaveLength(1024);
  expect(made({}, { description: "" }).description).toBe("The tool echo of every.");
});

test("a result fits the server's schema if it has one", () => {
  const outputSchema = { type: "object", properties: { a: { type: "number" } }, required: ["a"] };
  const { output } = made({}, { outputSchema });
  expect(output.safeParse({ a: 1 }).success).toBe(true);
  expect(output.safeParse("a text").success).toBe(false);
  expect(made({}).output.safeParse("a text").success).toBe(true);
});

test("what is wrong is said with the tool's name", () => {
  expect(() => made({ timeot: 3 } as never)).toThrow('Tool "every_echo": Unrecognized key: "timeot"');
  expect(() => made({}, { inputSchema: { type: "object", properties: { a: { $ref: "#/b" } } } })).toThrow(
    'echo: inputSchema: a JSON Schema that cannot be checked: "#/b" leads nowhere',
  );
  expect(() => made({}, { name: "ecko" })).toThrow(
    'functions/mcp/every: server.ts does not name "ecko". It names: echo.',
  );
});
