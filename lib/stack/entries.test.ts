import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { SettingsError } from "../deployment/index.ts";
import { defineMcpServer, mcpTool } from "../mcp-client/index.ts";
import type { Tool } from "../tool/index.ts";
import { entriesOf } from "./entries.ts";
import { readInfra } from "./infra.ts";

const root = mkdtempSync(join(tmpdir(), "fanout-entries-"));
afterAll(() => rmSync(root, { recursive: true }));

const functions = join(root, "functions");
const toolOf = (connection: { url?: string; command?: string[] }) =>
  mcpTool("hub", defineMcpServer({ ...connection, tools: { "get-one": {} } }), {
    name: "get-one",
    inputSchema: { type: "object" },
  }) as unknown as Tool;
const url = "https://mcp.example";
const command = ["hub-server"];

describe("the handler of an MCP server's tool", () => {
  const handlerOf = (connection: Parameters<typeof toolOf>[0], local: boolean) => {
    const entries = entriesOf({ functions, tools: [toolOf(connection)], agents: [] }, root, { local });
    return readFileSync(entries.hub_get_one as string, "utf8");
  };

  test.each([
    ["on a laptop starts the command", { url, command }, true, "stdio.ts"],
    ["on a laptop asks the URL of a server without a command", { url }, true, "transport.ts"],
    ["of a deployment asks the URL", { url, command }, false, "transport.ts"],
  ])("%s", (_, connection, local, transport) => {
    const handler = handlerOf(connection, local);
    expect(handler).toContain(`lib/mcp-client/${transport}"`);
    expect(handler).toContain("import { hubGetOne as tool } from");
    expect(handler.includes(JSON.stringify({ cwd: root }))).toBe(transport === "stdio.ts");
  });

  test.each([
    [{ command }, "a command, which a laptop can start"],
    [{ url: "http://127.0.0.1:3001/mcp" }, "http://127.0.0.1:3001/mcp"],
  ])("of a deployment that only has %j is an error that says what is missing", (connection, came) => {
    expect(() => handlerOf(connection, false)).toThrow(SettingsError);
    expect(() => handlerOf(connection, false)).toThrow(
      `functions/mcp/hub/server.ts: a deployment needs a url with https://, and there is only ${came}. Tool: hub_get_one.`,
    );
  });
});

test("the infra.ts of an MCP server is of each of its tools", async () => {
  const file = join(functions, "mcp/hub/infra.ts");
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `export default {};`);
  await expect(readInfra({ functions, tools: [toolOf({ url })], agents: [] })).rejects.toThrow(
    `${file}: expected export default defineInfra(…).`,
  );
});
