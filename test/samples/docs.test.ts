import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { agentFiles } from "../../lib/cli/commands/new-agent.ts";
import { toolFiles } from "../../lib/cli/commands/new-tool.ts";
import { MARKDOWN, snippetsIn } from "../support/docs.ts";
import { ROOT } from "../support/imports.ts";
import refund from "./refund.ts";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const snippets = MARKDOWN.flatMap((page) => snippetsIn(page, "ts").map((code) => ({ page, code })));
/** What the type checker and the linter read, and tests run. */
const sources = globSync(["{bin,functions,lib,test}/**/*.ts", "examples/*/functions/**/*.ts"], {
  cwd: ROOT,
  exclude: ["**/node_modules"],
}).map(read);
const template = toolFiles("roll_dice");
const agent = agentFiles("SupportAgent");

test.each([
  ["a new tool's contract", template["tool.ts"]],
  ["a new tool's implementation", template["handler.ts"]],
  ["a tool that asks first", read("test/samples/refund.ts")],
  ["a stand-in", read("functions/tools/get_stock_price/stand-in.ts")],
  ["a new agent's contract", agent["agent.ts"]],
  ["an agent's handler", agent["handler.ts"]],
  ["a composite", read("functions/tools/calculate_metrics/handler.ts")],
  ["an agent that uses another one", read("functions/agents/briefing-agent/agent.ts")],
  ["an existing Lambda function's contract", read("functions/tools/convert_units/tool.ts")],
  ["an MCP server", read("test/samples/mcp-server.ts")],
  ["a tool's infrastructure", read("functions/tools/query_database/infra.ts")],
  ["a client", read("test/samples/client.ts")],
  ["a conversation", read("test/samples/conversation.ts")],
  ["a client of OpenAI's API", read("test/samples/openai.ts")],
  ["a server", read("test/samples/server.ts")],
  ["an agent with the loop of LangChain", read("examples/langchain/functions/agents/claim-desk/handler.ts")],
  ["an endpoint for MCP clients", read("test/samples/mcp-endpoint.ts")],
  ["the routes on a function URL", read("test/samples/function-url.ts")],
])("the documentation shows %s as it is", (_, code) => {
  expect(snippets.map((snippet) => snippet.code)).toContain(code);
});

test("all other TypeScript of the documentation is part of a file, too", () => {
  const templates = [...Object.values(template), ...Object.values(agent)];
  const isPart = (code: string) =>
    [...templates, ...sources].some((source) => `\n${source}`.includes(`\n${code}`));
  expect(snippets.filter(({ code }) => !isPart(code))).toEqual([]);
});

test("the tool that asks first asks for large amounts", () => {
  const asks = refund.approval as (input: { order: string; amount: number }) => boolean;
  expect([100, 101].map((amount) => asks({ order: "o", amount }))).toEqual([false, true]);
  expect(refund.expires).toEqual({ seconds: 259_200 });
});
