import { createServer, type IncomingHttpHeaders, request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { guarded, startLambdaHost } from "../lambda-host/index.ts";
import { startSandbox } from "../sandbox/index.ts";

type Sent = { method?: string; headers?: Record<string, string>; body?: string };

/** Sends exactly these headers, which fetch would not. */
function send(url: string, { method = "GET", headers = {}, body }: Sent = {}) {
  return new Promise<{ status: number; body: string; headers: IncomingHttpHeaders }>((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
      );
    });
    sent.on("error", reject).end(body);
  });
}

const JSON_TYPE = { "content-type": "application/json" };
const post = (headers: Record<string, string>, body?: string): Sent => ({ method: "POST", headers, body });

describe("a guarded listener", () => {
  let reached = 0;
  const server = createServer(
    guarded((_, response) => {
      reached++;
      response.end("in");
    }),
  );
  let url: string;
  let own: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    own = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    url = `http://${own}/`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test.each<[string, Sent]>([
    ["a name that was made to lead here", { headers: { host: "rebound.example:9001" } }],
    ["a name that only begins like ours", { headers: { host: "127.0.0.1.example" } }],
    ["a foreign Origin", { headers: { origin: "https://page.example" } }],
    ["a page of another server on this machine", { headers: { origin: "http://localhost:3000" } }],
    ["a page without an origin", { headers: { origin: "null" } }],
    ["an image or a link of another site", { headers: { "sec-fetch-site": "cross-site" } }],
    ["a page on another port of this machine", { headers: { "sec-fetch-site": "same-site" } }],
    ["a preflight", { method: "OPTIONS", headers: { origin: "https://page.example" } }],
    ["a POST of plain text", post({ "content-type": "text/plain;charset=UTF-8" }, "{}")],
    ["an empty POST of plain text", post({ "content-type": "text/plain" })],
    ["a form", post({ "content-type": "application/x-www-form-urlencoded" }, "a=1")],
    ["a form with a file", post({ "content-type": "Multipart/Form-Data; boundary=x" }, "--x--")],
    [
      "a form with a password in its URL",
      post({ "content-type": "text/plain", authorization: "Basic eDp5" }),
    ],
    ["a POST of bytes without a type", post({}, "{}")],
    ["the same in chunks", post({ "transfer-encoding": "chunked" }, "{}")],
  ])("refuses %s", async (_, sent) => {
    const before = reached;
    const answer = await send(url, sent);
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.body)).toEqual({ message: expect.stringMatching(/^Expected .*, got .*\.$/) });
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
    expect(reached).toBe(before);
  });

  test.each<[string, () => Sent]>([
    ["a program", () => ({})],
    ["a program that says localhost", () => ({ headers: { host: "LocalHost:1" } })],
    ["a program that says [::1]", () => ({ headers: { host: "[::1]" } })],
    ["a person at the address bar", () => ({ headers: { "sec-fetch-site": "none" } })],
    [
      "its own page",
      () => ({ headers: { host: own, origin: `http://${own}`, "sec-fetch-site": "same-origin" } }),
    ],
    ["an SDK's POST", () => post({ "content-type": "application/octet-stream" }, "{}")],
    ["a POST of JSON", () => post(JSON_TYPE, "{}")],
    ["a POST of nothing", () => post({})],
    ["the AWS command line", () => post({ authorization: "AWS4-HMAC-SHA256 Credential=x" }, "{}")],
    ["a PUT by hand", () => ({ method: "PUT", headers: { "content-type": "text/plain" }, body: "{}" })],
  ])("lets %s in", async (_, sent) => {
    expect(await send(url, sent())).toMatchObject({ status: 200, body: "in" });
  });
});

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
