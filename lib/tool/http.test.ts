import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { type Loopback, serveOnLoopback } from "../sandbox/index.ts";
import type { ToolError } from "./error.ts";
import { fetchJson } from "./http.ts";

const app = new Hono()
  .get("/good", (c) => c.json({ n: 1 }))
  .post("/echo", async (c) => c.json({ n: (await c.req.json()).n, key: c.req.header("x-key") }))
  .get("/status/:status", (c) => c.json({ n: 2 }, Number(c.req.param("status")) as 400))
  .get("/busy", (c) => c.json({}, 429, { "retry-after": "7" }))
  .get("/garbage", (c) => c.text("<html>oops"))
  .get("/drifted", (c) => c.json({ n: "one" }))
  .get("/huge", (c) => c.text(`{"n":1,"x":"${"x".repeat(3_000_000)}"}`))
  .get("/moved", (c) => c.redirect("/good"))
  .get("/silent", () => new Promise<Response>(() => {}));

let provider: Loopback;
beforeAll(async () => {
  provider = await serveOnLoopback(app);
});
afterAll(() => provider.stop());

const get = (
  path: string,
  options: { signal?: AbortSignal; withinSeconds?: number; accept?: number[] } = {},
) =>
  fetchJson(`${provider.url}${path}`, {
    provider: "Acme",
    answer: z.object({ n: z.number() }),
    signal: new AbortController().signal,
    headers: { "x-key": "s3cret" },
    ...options,
  });
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail("expected a failure"),
    (error: ToolError) => error,
  );

describe("fetchJson", () => {
  test("reads an answer, and sends a body as JSON with its headers", async () => {
    expect(await get("/good")).toEqual({ n: 1 });
    const echoed = await fetchJson(`${provider.url}/echo`, {
      provider: "Acme",
      answer: z.object({ n: z.number(), key: z.string() }),
      signal: new AbortController().signal,
      method: "POST",
      headers: { "x-key": "k" },
      body: { n: 3 },
    });
    expect(echoed).toEqual({ n: 3, key: "k" });
  });

  test("reads the body of a status that counts as an answer", async () => {
    expect(await get("/status/404", { accept: [404] })).toEqual({ n: 2 });
  });

  test.each([
    ["/status/401", "Acme rejected the API key", false],
    ["/status/403", "Acme denied access (status 403)", false],
    ["/status/400", "Acme refused the request (status 400)", false],
    ["/moved", "Acme refused the request (status 302)", false],
    ["/status/500", "Acme has a problem (status 500)", true],
    ["/status/503", "Acme has a problem (status 503)", true],
    ["/garbage", "Acme answered with something unreadable", true],
    ["/drifted", "Acme answered with something unreadable", true],
    ["/huge", "Acme answered with too much to read", false],
  ])("says what is wrong at %s and whether another try may help", async (path, message, retryable) => {
    expect(await failure(get(path))).toMatchObject({ name: "ToolError", message, retryable });
  });

  test("passes on how long a limiting provider wants to be left alone", async () => {
    expect(await failure(get("/busy"))).toMatchObject({ retryable: true, retryAfterSeconds: 7 });
  });

  test("gives up on a silent provider, so that another try has time", async () => {
    expect(await failure(get("/silent", { withinSeconds: 0.05 }))).toMatchObject({
      message: "Acme did not answer within 0.05 s",
      retryable: true,
    });
  });

  test("ends the request when nobody waits for the call any more", async () => {
    expect(await failure(get("/silent", { signal: AbortSignal.timeout(30) }))).toMatchObject({
      message: "Acme was not waited for any longer",
      retryable: false,
    });
  });

  test("retries a provider that cannot be reached, without naming its address", async () => {
    const gone = await serveOnLoopback(new Hono());
    await gone.stop();
    const request = { provider: "Acme", answer: z.unknown(), signal: new AbortController().signal };
    expect(await failure(fetchJson(`${gone.url}/?key=s3cret`, request))).toMatchObject({
      message: "Acme could not be reached",
      retryable: true,
    });
  });
});
