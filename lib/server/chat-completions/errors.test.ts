import { expect, test } from "vitest";
import { createRoutes, type RoutesOptions } from "../routes.ts";

const routes = (options: Partial<RoutesOptions> = {}) =>
  createRoutes({
    restate: { ingressUrl: "http://127.0.0.1:1", token: "t" },
    agents: [{ name: "TestAgent" }],
    authorize: () => "ann",
    chatCompletions: true,
    ...options,
  });
const path = "/v1/chat/completions";
const json = { "content-type": "application/json" };
const post = (app: ReturnType<typeof routes>, body: string, headers: object = {}) =>
  app.request(path, { method: "POST", headers: { ...json, ...headers }, body });
const question = JSON.stringify({ model: "TestAgent", messages: [{ role: "user", content: "Go." }] });

async function errorOf(response: Response) {
  const { error, ...rest } = (await response.json()) as { error: Record<string, unknown> };
  expect([Object.keys(error).sort(), rest]).toEqual([["code", "message", "param", "type"], {}]);
  return { status: response.status, ...error };
}

test("refusals that all routes have are told as OpenAI's API tells them", async () => {
  expect(await errorOf(await routes({ authorize: undefined }).request("/v1/models"))).toMatchObject({
    status: 401,
    type: "authentication_error",
    code: "invalid_api_key",
    message: expect.stringContaining("`authorize`"),
  });
  expect(await errorOf(await routes().request(path, { method: "POST", body: question }))).toMatchObject({
    status: 415,
    type: "invalid_request_error",
  });
  const small = routes({ bounds: { bodyBytes: 10, requestsPerMinute: 2, runsPerMinute: 2 } });
  expect(await errorOf(await post(small, question))).toMatchObject({ status: 413, code: "invalid_value" });
  await small.request("/v1/models");
  const refused = await small.request("/v1/models");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await errorOf(refused)).toMatchObject({ status: 429, type: "rate_limit_error" });
  expect(await errorOf(await post(routes({ bounds: { streams: 0 } }), question))).toMatchObject({
    status: 429,
  });
});

test("an answer of one's own stays as it is", async () => {
  const own = routes({ authorize: () => new Response("Pay first.", { status: 402 }) });
  const response = await own.request("/v1/models");
  expect([response.status, await response.text()]).toEqual([402, "Pay first."]);
});

test("what else OpenAI's API has is not here", async () => {
  for (const [method, url] of [
    ["POST", "/v1/embeddings"],
    ["GET", path],
    ["POST", "/v1/responses"],
  ] as const)
    expect(await errorOf(await routes().request(url, { method }))).toMatchObject({
      status: 404,
      code: "unknown_url",
      message: expect.stringContaining(`There is no ${method} ${url} here`),
    });
});

test("what may have begun a run is not to be repeated without a key", async () => {
  const errors: unknown[] = [];
  const agents = async () => Promise.reject(new Error("http://inside:9070 is away"));
  const app = routes({ agents, onError: (error) => errors.push(error) });
  const without = await post(app, question);
  expect(without.headers.get("x-should-retry")).toBe("false");
  const error = await errorOf(without);
  expect(error).toMatchObject({ status: 502, type: "server_error", code: "unavailable" });
  expect(JSON.stringify(error)).not.toContain("inside");
  expect((await post(app, question, { "idempotency-key": "k" })).headers.has("x-should-retry")).toBe(false);
  expect(errors).toHaveLength(2);
});

test("without the option there are no such routes", async () => {
  const response = await routes({ chatCompletions: false }).request("/v1/models");
  expect(response.status).toBe(404);
});
