import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findStaleFiles, sync } from "./generated-files.ts";
import { difference } from "./mcp-drift.ts";
import type { McpTools } from "./mcp-files.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fanout-mcp-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const write = (path: string, text: string) => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
};
const read = (path: string) => readFileSync(join(root, path), "utf8");
const contract = (name: string, more: object = {}) => ({
  name,
  description: `Does ${name}.`,
  inputSchema: { type: "object", properties: { a: { type: "string" } } },
  ...more,
});
const offering = (names: string[], notTaken: string[] = []): McpTools => ({
  tools: Object.fromEntries(names.map((name) => [name, contract(name)])),
  notTaken,
});
/** A server that nobody can reach, whose tools are known. */
const addServer = (name: string, tools: Record<string, object>, known?: McpTools) => {
  const server = { url: "https://mcp.invalid", tools, secrets: [] };
  write(`functions/mcp/${name}/server.ts`, `export default ${JSON.stringify(server)};`);
  if (known) write(`functions/mcp/${name}/tools.json`, JSON.stringify(known));
};

test("the tools that are known and named are in the roster, the README's table and a module of their own", async () => {
  write("README.md", "<!-- tools: written by `npm run sync` -->\n<!-- /tools -->\n");
  addServer("hub", { "list-all": { effect: "read" } }, offering(["delete", "list-all"], ["more"]));
  await sync(root);
  expect(read("functions/mcp/hub/tools.ts")).toContain(
    'export const hubListAll = /* @__PURE__ */ mcpTool<"hub_list_all", { a?: string }, unknown>("hub", server, tools["list-all"]);\n',
  );
  expect(JSON.parse(read("functions/mcp/hub/tools.json"))).toEqual({
    tools: { "list-all": contract("list-all") },
    notTaken: ["delete", "more"],
  });
  expect(read("functions/tools/index.ts")).toContain(
    'import { hubListAll as hubListAllTool } from "../mcp/hub/tools.ts"; // hub_list_all\n\nexport const tools = [hubListAllTool] as',
  );
  expect(read("README.md")).toContain("| `hub_list_all` | Does list-all. | read |\n");
  expect(await findStaleFiles(root)).toEqual([]);
});

test("a tool that is not known yet is said by a check, which asks nobody", async () => {
  addServer("hub", { one: {}, two: {} }, offering(["one"]));
  await expect(findStaleFiles(root)).rejects.toThrow(
    "Out of date: functions/mcp/hub: tools.json lacks two. Run: npm run sync",
  );
  rmSync(join(root, "functions/mcp/hub"), { recursive: true });
  addServer("other", {});
  await expect(findStaleFiles(root)).rejects.toThrow(
    "Out of date: functions/mcp/other: there is no tools.json. Run: npm run sync",
  );
});

test("two tools of the same name are refused, and nothing is written", async () => {
  addServer("hub", { "get-one": {}, getOne: {} }, offering(["get-one", "getOne"]));
  await expect(sync(root)).rejects.toThrow(
    'Two tools are called "hub_get_one": functions/mcp/hub, get-one; functions/mcp/hub, getOne. Give one another name.',
  );
  expect(existsSync(join(root, "functions/tools"))).toBe(false);
  rmSync(join(root, "functions/mcp/hub"), { recursive: true });
  addServer("bub", { "get-one": {} }, offering(["get-one"]));
  const tool = { name: "bub_get_one", description: "Mine.", env: {}, secrets: [] };
  write("functions/tools/bub_get_one/tool.ts", `export default ${JSON.stringify(tool)};`);
  write("functions/tools/bub_get_one/handler.ts", "");
  await expect(sync(root)).rejects.toThrow(
    '"bub_get_one": functions/tools/bub_get_one; functions/mcp/bub, get-one.',
  );
});

test("a tools.json with a merge's conflict in it is an error that says what to do", async () => {
  addServer("hub", { one: {} });
  write("functions/mcp/hub/tools.json", "<<<<<<< ours\n{}");
  await expect(sync(root)).rejects.toThrow(
    "functions/mcp/hub/tools.json: expected what npm run sync writes. Remove the file, then run: npm run sync --mcp",
  );
});

test("tools of MCP servers keep their stacks too", async () => {
  const names = Array.from({ length: 40 }, (_, index) => `t${index + 10}`);
  const settings = Object.fromEntries(names.map((name) => [name, {}]));
  addServer("hub", settings, offering(names));
  await sync(root);
  const stacks = JSON.parse(read("functions/stacks.json"));
  expect(stacks.Tools2).toEqual(["hub_t45", "hub_t46", "hub_t47", "hub_t48", "hub_t49"]);
  addServer("alone", { one: {} }, offering(["one"]));
  await sync(root);
  expect(JSON.parse(read("functions/stacks.json"))).toEqual({
    ...stacks,
    Tools2: ["alone_one", ...stacks.Tools2],
  });
});

test("a difference names each tool that is new, gone or changed, and what of it", () => {
  const before = offering(["one", "two"], ["three"]);
  expect(difference(before, before)).toEqual([]);
  const now = {
    tools: {
      one: contract("one", { description: "Does more." }),
      two: { inputSchema: contract("two").inputSchema, description: "Does two.", name: "two" },
    },
    notTaken: ["four"],
  };
  expect(difference(before, now)).toEqual([
    "four is new",
    "three is gone",
    "one has changed",
    '  description: "Does one." became "Does more."',
  ]);
});
