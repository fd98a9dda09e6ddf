import { expect, test, vi } from "vitest";
import { bearerTokens } from "./bearer-tokens.ts";
import { createMcpEndpoint, type McpOptions } from "./endpoint.ts";

const restate = { ingressUrl: "http://127.0.0.1:1", token: "a token of Restate's" };
const token = "a-long-random-key";
const authorize = bearerTokens([{ token, subject: "ann", tools: "all" }]);

function post(options: Partial<McpOptions>, headers: Record<string, string> = {}, body = "{}") {
  const endpoint = createMcpEndpoint({ restate, authorize, onError: () => {}, ...options });
  return endpoint.request("/", {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    body,
  });
}

test("nobody may do anything unless somebody says who may", async () => {
  expect((await post({ authorize: undefined })).status).toBe(401);
});

test("an answer of one's own is given as it is", async () => {
  const response = await post({ authorize: () => new Response("Later.", { status: 503 }) });
  expect([response.status, await response.text()]).toEqual([503, "Later."]);
});

test("pages are refused before anybody is asked who they are, unless their host is allowed", async () => {
  const origin = { origin: "https://app.example.com" };
  const asked = vi.fn(authorize);
  expect((await post({ authorize: asked }, origin)).status).toBe(403);
  expect(asked).not.toHaveBeenCalled();
  expect((await post({ allowedOrigins: ["app.example.com"] }, origin, "no JSON")).status).toBe(400);
});

test("a body that is too large, and too many requests, are refused", async () => {
  expect((await post({ bounds: { bodyBytes: 1 } })).status).toBe(413);
  expect((await post({ bounds: { requestsPerMinute: 0 } })).status).toBe(429);
  expect((await post({ bounds: { streamsPerSubject: 0 } })).status).toBe(429);
});

test("a GET without Last-Event-ID, and one with somebody else's, find nothing", async () => {
  const endpoint = createMcpEndpoint({ restate, authorize });
  const get = (headers: Record<string, string>) =>
    endpoint.request("/", { headers: { authorization: `Bearer ${token}`, ...headers } });
  expect((await get({})).status).toBe(405);
  expect((await get({ "last-event-id": "inv_1.AAAAAAAAAAAAAAAAAAAAAA~WzEsImEiXQ" })).status).toBe(404);
});

test("without a token of Restate's it wants a secret", () => {
  expect(() => createMcpEndpoint({ restate: { ingressUrl: "http://127.0.0.1:1" }, authorize })).toThrow(
    "createMcpEndpoint: secret: expected at least 16 characters, which are yours alone, got neither it nor a token",
  );
});
