import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JSON_TYPE, post, type Sent, send } from "../../test/support/raw-request.ts";
import { startLambdaHost } from "../lambda-host/index.ts";
import { defineStandIn, startSandbox } from "../sandbox/index.ts";

describe("no web page reaches", () => {
  const PAGE = { host: "page.example", origin: "https://page.example" };
  const quotes = defineStandIn({
    provider: "quotes",
    latencyMs: 0,
    env: () => ({}),
    app: new Hono().get("/quote", (c) => c.json({ price: 3 })),
  });
  const mail = defineStandIn({
    provider: "mail",
    start: async () => ({
      env: {},
      control: new Hono().get("/mail", (c) => c.json([])),
      stop: async () => {},
    }),
  });
  let lambda: Awaited<ReturnType<typeof startLambdaHost>>;
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  beforeAll(async () => {
    lambda = await startLambdaHost({ functions: [] });
    const faults = { openai: { latencyMs: 0 } };
    sandbox = await startSandbox({ standIns: { quotes, mail }, faults });
  });
  afterAll(() => Promise.all([lambda?.stop(), sandbox?.stop()]));

  test.each<[string, () => string, Sent]>([
    ["Invoke", () => `${lambda.url}/2015-03-31/functions/f/invocations`, post(JSON_TYPE, "{}")],
    ["Lambda's operations", () => `${lambda.url}/2015-03-31/functions/f`, { method: "DELETE" }],
    ["the Runtime API", () => `${lambda.url}/environments/x/2018-06-01/runtime/invocation/next`, {}],
    ["the counts", () => `${lambda.url}/_stats`, {}],
    ["the faults", () => `${sandbox.url}/_control/faults/quotes`, { method: "PUT", body: "{}" }],
    ["the mailbox", () => `${sandbox.url}/_control/mail`, {}],
    ["the sandbox's model", () => `${sandbox.url}/openai/v1/responses`, post(JSON_TYPE, "{}")],
    ["a stand-in", () => `${sandbox.url}/quotes/quote`, {}],
  ])("%s", async (_, url, sent) => {
    const refusal = /^\{"message":"Expected this machine as the Host/;
    expect((await send(url(), { ...sent, headers: { ...sent.headers, ...PAGE } })).body).toMatch(refusal);
    expect((await send(url(), sent)).body).not.toMatch(refusal);
  });
});
