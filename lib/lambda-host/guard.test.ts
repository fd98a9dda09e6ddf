import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { JSON_TYPE, post, type Sent, send } from "../../test/support/raw-request.ts";
import { guarded } from "./guard.ts";

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
