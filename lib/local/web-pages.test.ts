import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JSON_TYPE, post, type Sent, send } from "../../test/support/raw-request.ts";
import { startLambdaHost } from "../lambda-host/index.ts";
import { startSandbox } from "../sandbox/index.ts";

describe("no web page reaches", () => {
  const PAGE = { host: "page.example", origin: "https://page.example" };
  let lambda: Awaited<ReturnType<typeof startLambdaHost>>;
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  beforeAll(async () => {
    lambda = await startLambdaHost({ functions: [] });
    const faults = { openai: { latencyMs: 0 }, finnhub: { latencyMs: 0 } };
    sandbox = await startSandbox({ only: ["openai", "finnhub", "smtp"], faults });
  });
  afterAll(() => Promise.all([lambda?.stop(), sandbox?.stop()]));

  test.each<[string, () => string, Sent]>([
    ["Invoke", () => `${lambda.url}/2015-03-31/functions/f/invocations`, post(JSON_TYPE, "{}")],
    ["Lambda's operations", () => `${lambda.url}/2015-03-31/functions/f`, { method: "DELETE" }],
    ["the Runtime API", () => `${lambda.url}/environments/x/2018-06-01/runtime/invocation/next`, {}],
    ["the counts", () => `${lambda.url}/_stats`, {}],
    ["the faults", () => `${sandbox.url}/_control/faults/finnhub`, { method: "PUT", body: "{}" }],
    ["the mailbox", () => `${sandbox.url}/_control/mail`, {}],
    ["the sandbox's model", () => `${sandbox.url}/openai/v1/responses`, post(JSON_TYPE, "{}")],
    ["a stand-in", () => `${sandbox.url}/finnhub/api/v1/quote?symbol=AAPL`, {}],
  ])("%s", async (_, url, sent) => {
    const refusal = /^\{"message":"Expected this machine as the Host/;
    expect((await send(url(), { ...sent, headers: { ...sent.headers, ...PAGE } })).body).toMatch(refusal);
    expect((await send(url(), sent)).body).not.toMatch(refusal);
  });

  test("the mail server, which speaks no HTTP", async () => {
    const url = sandbox.environment.upstreams.SMTP_URL?.replace("smtp:", "http:") ?? "";
    await expect(send(url, post({ "content-type": "text/plain" }, "MAIL FROM:<a@b>"))).rejects.toThrow();
    expect(sandbox.requests().smtp).toBe(0);
  });
});
