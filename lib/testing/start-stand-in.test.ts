import { Hono } from "hono";
import { expect, test } from "vitest";
import { defineStandIn } from "../sandbox/index.ts";
import { startStandIn } from "./start-stand-in.ts";

const standIn = defineStandIn({
  provider: "harbour",
  latencyMs: 60_000,
  env: (url) => ({ HARBOUR_URL: url }),
  app: new Hono().get("/ships", (c) => c.json(["Fram"])),
});

test("it answers at once where the tool's settings lead, counts, fails and recovers", async () => {
  await using provider = await startStandIn(standIn);
  expect(provider.env).toEqual({ HARBOUR_URL: provider.url });
  const status = async () => (await fetch(`${provider.url}/ships`)).status;
  expect(await status()).toBe(200);
  provider.fail({ rateLimitRate: 1 });
  expect(await status()).toBe(429);
  provider.recover();
  expect(await status()).toBe(200);
  expect(provider.requests()).toBe(3);
  expect(() => provider.fail({ errorrate: 1 } as object)).toThrow('unknown field "errorrate"');
});

test("its end drops every connection", async () => {
  const provider = await startStandIn(standIn);
  provider.fail({ hang: true });
  const held = fetch(`${provider.url}/ships`).then(
    ({ status }) => status,
    () => "dropped",
  );
  await expect.poll(() => provider.requests()).toBe(1);
  await provider.stop();
  expect([503, "dropped"]).toContain(await held);
  await expect(fetch(provider.url)).rejects.toThrow();
});

test("one with only words cannot be started", async () => {
  const words = { example: "a", find: () => [{ at: 0, length: 1, input: {} }], say: () => "" };
  await expect(startStandIn(defineStandIn({ words }))).rejects.toThrow("got one with only words");
});
