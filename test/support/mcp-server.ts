import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import getPort from "get-port";
import { ROOT } from "./imports.ts";

const PROGRAM = join(ROOT, "node_modules/@modelcontextprotocol/server-everything/dist/index.js");

/** The MCP project's own test server, by streamable HTTP. */
export interface Everything {
  url: string;
  /** Kills it. */
  kill(): Promise<void>;
  /** Starts it again, without what it knew. */
  start(): Promise<void>;
}

export async function startEverything(): Promise<Everything> {
  const port = await getPort();
  let child: ChildProcess | undefined;
  const everything: Everything = {
    url: `http://127.0.0.1:${port}/mcp`,
    async start() {
      const started = spawn(process.execPath, [PROGRAM, "streamableHttp"], {
        env: { PORT: String(port) },
        stdio: ["ignore", "ignore", "pipe"],
      });
      child = started;
      for await (const line of started.stderr) if (String(line).includes("listening")) break;
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
  await everything.start();
  return everything;
}

export const BEARER = "a-long-bearer-token";
export const CLIENT = { id: "the-client", secret: "a-long-client-secret" };

/** A stand-in for what stands in front of a server: it lets in who has a token, gives tokens, and notes what passes. */
export interface Door {
  /** Of the server behind it, for those with `BEARER`. */
  bearerUrl: string;
  /** The same for those with a token that `CLIENT` was given. */
  oauthUrl: string;
  /** Who gives those tokens. */
  issuer: string;
  /** What was asked of the server: the methods of JSON-RPC, and the paths of all that is about tokens. */
  passed: { method: string; params?: { name?: string; _meta?: Record<string, unknown> } }[];
  /** Answers the next calls of tools in the server's place. */
  instead: ((response: ServerResponse) => void)[];
  /** Makes all tokens that were given invalid. */
  forgetTokens(): void;
  stop(): Promise<void>;
}

export async function startDoor(everything: Everything): Promise<Door> {
  const passed: Door["passed"] = [];
  const instead: Door["instead"] = [];
  let tokens: string[] = [];
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  const port = await listen(server);
  const origin = `http://127.0.0.1:${port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").split("?")[0] ?? "";
    const body = await text(request);
    const json = (status: number, value: unknown, headers = {}) =>
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify(value));
    const metadata = `${origin}/.well-known/oauth-protected-resource/oauth`;
    if (!["/bearer", "/oauth"].includes(path)) passed.push({ method: path });
    if (path === "/.well-known/oauth-protected-resource/oauth")
      return void json(200, { resource: `${origin}/oauth`, authorization_servers: [origin] });
    if (path === "/.well-known/oauth-authorization-server")
      return void json(200, authorizationServer(origin));
    if (path === "/token") {
      const basic = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString("base64")}`;
      if (request.headers.authorization !== basic) return void json(401, { error: "invalid_client" });
      tokens.push(`token-${tokens.length}-${Date.now()}`);
      return void json(200, { access_token: tokens.at(-1), token_type: "Bearer", expires_in: 3600 });
    }
    const accepted = path === "/bearer" ? [BEARER] : path === "/oauth" ? tokens : [];
    if (!accepted.some((token) => request.headers.authorization === `Bearer ${token}`)) {
      const how = path === "/oauth" ? `Bearer resource_metadata="${metadata}"` : "Bearer";
      return void json(
        accepted.length === 0 && path !== "/oauth" ? 404 : 401,
        {},
        { "www-authenticate": how },
      );
    }
    const message = body === "" ? undefined : JSON.parse(body);
    if (message) passed.push(message);
    const other = message?.method === "tools/call" ? instead.shift() : undefined;
    if (other) return other(response);
    await pass(everything.url, request, body, response);
  }

  return {
    bearerUrl: `${origin}/bearer`,
    oauthUrl: `${origin}/oauth`,
    issuer: origin,
    passed,
    instead,
    forgetTokens() {
      tokens = [];
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}

const authorizationServer = (issuer: string) => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  response_types_supported: ["code"],
  grant_types_supported: ["client_credentials"],
  token_endpoint_auth_methods_supported: ["client_secret_basic"],
});

const KEPT = ["accept", "content-type", "mcp-session-id", "mcp-protocol-version", "last-event-id"];

async function pass(
  url: string,
  request: IncomingMessage,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const headers = KEPT.flatMap((name) => {
    const value = request.headers[name];
    return value === undefined ? [] : [[name, String(value)]];
  });
  const over = new AbortController();
  response.once("close", () => over.abort());
  const {
    status,
    headers: theirs,
    body: answer,
  } = await fetch(url, {
    method: request.method ?? "GET",
    headers: Object.fromEntries(headers),
    signal: over.signal,
    ...(body !== "" && { body }),
  });
  response.writeHead(
    status,
    Object.fromEntries([...theirs].filter(([name]) => /^(content-type|mcp-)/.test(name))),
  );
  response.flushHeaders();
  if (answer) for await (const chunk of Readable.fromWeb(answer as never)) response.write(chunk);
  response.end();
}
