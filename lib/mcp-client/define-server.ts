import * as z from "zod";
import { explain } from "../runtime/index.ts";
import type { ToolDefinition } from "../tool/index.ts";

const secretName = z.string().regex(/^[A-Z][A-Z0-9_]*$/, "expected an UPPER_CASE name of a secret");

const schema = z
  .strictObject({
    url: z.string().optional(),
    command: z.array(z.string()).min(1, "expected a program and its arguments").optional(),
    tools: z.record(z.string(), z.record(z.string(), z.unknown())),
    secrets: z.array(secretName).default([]),
    headers: z.record(z.string(), secretName).default({}),
    authorization: z
      .union([
        z.strictObject({ bearer: secretName }),
        z.strictObject({
          clientId: z.string().min(1),
          clientSecret: secretName,
          scope: z.string().optional(),
          issuer: z.url(),
        }),
      ])
      .optional(),
  })
  .refine(({ url, command }) => url !== undefined || command !== undefined, "expected a url or a command");

/** What a contract has beyond what the server says of its tool. The defaults are those of `defineTool`, except for `effect`. */
export interface McpToolSettings
  extends Pick<
    // biome-ignore lint/suspicious/noExplicitAny: An approval reads fields that no type of ours has.
    ToolDefinition<any, any, string, string>,
    "effect" | "timeout" | "approval" | "expires" | "attempts" | "maxResultBytes" | "scaling"
  > {
  /** The tool's name here: snake_case, at most 36 characters. Default: `<server>_<the server's name of it>`, in snake_case. */
  name?: string;
  /** What the model reads. Default: the server's description, of which it gets 1024 characters at most. */
  description?: string;
}

/** What {@link defineMcpServer} takes. */
export interface McpServerDefinition {
  /**
   * Where the server is, by streamable HTTP. A deployment needs it. HTTPS, or this machine. The setting `<SERVER>_MCP_URL` of
   * a laptop replaces it.
   */
  url?: string;
  /** A program with its arguments that a laptop starts in place of the URL. It speaks over stdin and stdout. */
  command?: readonly string[];
  /**
   * The tools that may be called, by the server's names. Others are not there. A tool is a write unless its `effect` says
   * `"read"`, whatever the server says of it: a read may be repeated, and run beside other calls.
   */
  tools: Readonly<Record<string, McpToolSettings>>;
  /** Secrets that the command gets as environment variables, beside those of `headers` and `authorization`. Default: none. */
  secrets?: readonly string[];
  /** HTTP headers, each with the name of the secret that is its value. Default: none. */
  headers?: Readonly<Record<string, string>>;
  /**
   * How to be let in, by the names of secrets: a token that goes along as it is, or OAuth's client credentials, which the `issuer`
   * exchanges for one. Nobody else is shown the client's secret, whomever the server names. Default: not at all.
   * @see https://modelcontextprotocol.io/extensions/auth/oauth-client-credentials
   */
  authorization?:
    | { bearer: string }
    | { clientId: string; clientSecret: string; issuer: string; scope?: string };
}

/** An MCP server, as `functions/mcp/<name>/server.ts` describes it. */
export interface McpServer extends Omit<McpServerDefinition, "secrets"> {
  /** The names of all its secrets. */
  readonly secrets: readonly string[];
}

/**
 * Declares an MCP server whose tools agents may call.
 * @throws TypeError naming every field that is wrong, what was expected and what came.
 */
export function defineMcpServer(definition: McpServerDefinition): McpServer {
  const parsed = schema.safeParse(definition);
  if (!parsed.success) throw new TypeError(`MCP server: ${explain(parsed.error, definition)}`);
  const { secrets, headers, authorization } = parsed.data;
  const named = authorization === undefined ? [] : [tokenSecret(authorization)];
  const all = [...new Set([...secrets, ...Object.values(headers), ...named])];
  if (definition.url !== undefined) checkUrl(definition.url);
  return Object.freeze({ ...definition, headers, secrets: all });
}

const tokenSecret = (authorization: { bearer: string } | { clientSecret: string }) =>
  "bearer" in authorization ? authorization.bearer : authorization.clientSecret;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** What goes over the network unencrypted, anybody on the way may read and change. */
function checkUrl(text: string): void {
  const url = URL.parse(text);
  if (url?.username || url?.password)
    throw new TypeError(
      "MCP server: url: expected none with a password; headers and authorization name secrets",
    );
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.test(url.hostname));
  if (!isSafe)
    throw new TypeError(`MCP server: url: expected https://…, or http:// on this machine, got "${text}"`);
}
