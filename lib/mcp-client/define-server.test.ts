import { expect, test } from "vitest";
import { defineMcpServer, type McpServerDefinition } from "./define-server.ts";

const URL = "https://mcp.example/mcp";
const define = (rest: object) => defineMcpServer({ tools: {}, ...rest } as McpServerDefinition);

test("a server's secrets are all that it names, each once", () => {
  const headers = { "x-key": "KEY", "x-org": "ORG" };
  expect(
    define({ url: URL, headers, authorization: { bearer: "TOKEN" }, secrets: ["KEY", "MORE"] }).secrets,
  ).toEqual(["KEY", "MORE", "ORG", "TOKEN"]);
  const authorization = { clientId: "me", clientSecret: "SECRET", issuer: "https://issuer.example" };
  expect(define({ url: URL, authorization }).secrets).toEqual(["SECRET"]);
  expect(define({ command: ["server"] }).secrets).toEqual([]);
});

test.each([
  [{}, "MCP server: expected a url or a command"],
  [{ command: [] }, "command: expected a program and its arguments"],
  [{ url: URL, timeout: 3 }, 'Unrecognized key: "timeout"'],
  [{ url: URL, authorization: { bearer: "Bearer abc" } }, "authorization"],
  [{ url: URL, headers: { "x-key": "sk-abc" } }, "headers.x-key: expected an UPPER_CASE name of a secret"],
  [{ url: "mcp.example" }, 'url: expected https://…, or http:// on this machine, got "mcp.example"'],
  [{ url: "http://mcp.example/mcp" }, "expected https://…, or http:// on this machine"],
  [{ url: "http://localhost.example/mcp" }, "expected https://…, or http:// on this machine"],
])("%j is refused", (rest, words) => {
  expect(() => define(rest)).toThrow(words);
});

test.each(["http://127.0.0.1:3001/mcp", "http://localhost:3001/mcp", "http://[::1]:3001/mcp"])(
  "%s never leaves this machine",
  (url) => {
    expect(define({ url }).url).toBe(url);
  },
);

test("a password in a URL is refused without being repeated", () => {
  const url = "https://me:a-password@mcp.example/mcp";
  expect(() => define({ url })).toThrow(/^MCP server: url: expected none with a password; (?!.*a-password)/);
});
