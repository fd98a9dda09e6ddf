import * as z from "zod";
import { defineTool, type Tool } from "../tool/index.ts";
import type { McpServer } from "./define-server.ts";
import { type JsonSchema, jsonObject, jsonValue } from "./json-schema.ts";
import { toolNameOf, urlSettingOf } from "./names.ts";

/** What a server says of one of its tools, as tools.json keeps it. */
export interface McpContract {
  name: string;
  description?: string;
  /** What the server says of its effects. It is shown, and not relied on. */
  annotations?: unknown;
  inputSchema: JsonSchema;
  outputSchema?: JsonSchema;
}

/** The longest description of a tool, in characters. */
const MAX_DESCRIPTION = 1024;

/** A schema of these values. */
type ObjectOf<T> = z.ZodObject & z.ZodType<T, T>;

/**
 * A tool of an MCP server as a contract like any other. A generated tools.ts calls it.
 * @param server the name of the server's folder.
 * @throws TypeError for a tool that server.ts does not name, or that cannot be a tool here; it says why.
 */
export function mcpTool<const Name extends string, In, Out>(
  server: string,
  definition: McpServer,
  contract: McpContract,
): Tool<ObjectOf<In>, z.ZodType<Out, Out>, string, string, Name> {
  const { name: theirs, inputSchema, outputSchema } = contract;
  if (!Object.hasOwn(definition.tools, theirs)) {
    const names = Object.keys(definition.tools).join(", ");
    throw new TypeError(`functions/mcp/${server}: server.ts does not name "${theirs}". It names: ${names}.`);
  }
  const { name: _, description, ...settings } = definition.tools[theirs] ?? {};
  const { url, command, secrets } = definition;
  const tool = defineTool({
    effect: "write",
    ...settings,
    name: nameOf(server, definition, theirs),
    description: description ?? withinBounds(contract.description || `The tool ${theirs} of ${server}.`),
    input: schemaOf(theirs, "inputSchema", () => jsonObject(inputSchema)),
    output: outputSchema
      ? schemaOf(theirs, "outputSchema", () => jsonValue(outputSchema, `urn:mcp:${server}:${theirs}`))
      : z.unknown(),
    env: url === undefined ? {} : { [urlSettingOf(server)]: url },
    secrets: [...secrets],
  });
  const mcp = { server, tool: theirs, url, hasCommand: command !== undefined };
  return Object.freeze({ ...tool, mcp }) as unknown as Tool<
    ObjectOf<In>,
    z.ZodType<Out, Out>,
    string,
    string,
    Name
  >;
}

/** The name of a server's tool here. @throws TypeError for one that cannot be made into a name. */
export function nameOf(server: string, { tools }: McpServer, theirs: string): string {
  return tools[theirs]?.name ?? toolNameOf(server, theirs);
}

function schemaOf<T>(tool: string, field: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new TypeError(`${tool}: ${field}: ${(cause as Error).message}`, { cause });
  }
}

const withinBounds = (text: string) =>
  text.trim().length <= MAX_DESCRIPTION ? text.trim() : `${text.trim().slice(0, MAX_DESCRIPTION - 1)}…`;
