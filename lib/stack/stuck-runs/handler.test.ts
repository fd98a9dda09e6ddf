import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { handler } from "./handler.ts";
import { SETTINGS } from "./settings.ts";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms";
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const stuck = (id: string, minutes: number) => ({
  id,
  service: "TripAgent",
  handler: "run",
  status: "paused",
  modified_at: minutesAgo(minutes),
  last_failure: "[500 Internal] the service handler gate/run was not found\n    at secret/place.ts",
});

let rows: object[];
let asked: string[];
let published: URLSearchParams[];
let world: Server;
beforeEach(async () => {
  [rows, asked, published] = [[], [], []];
  // Stands in for Restate's admin API, and for SNS in its wire format.
  const app = new Hono()
    .get("/version", (c) => c.json({ version: "1.7.12", features: [] }))
    .post("/query", async (c) => {
      asked.push((await c.req.json<{ query: string }>()).query);
      return c.json({ rows });
    })
    .post("/", async (c) => {
      published.push(new URLSearchParams(await c.req.text()));
      return c.body(
        "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
        200,
        {
          "content-type": "text/xml",
        },
      );
    });
  world = createServer(getRequestListener(app.fetch)).listen(0, "127.0.0.1");
  await once(world, "listening");
  const url = `http://127.0.0.1:${(world.address() as AddressInfo).port}`;
  vi.stubEnv("AWS_ENDPOINT_URL_SNS", url).stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "a").stubEnv("AWS_SECRET_ACCESS_KEY", "b");
  vi.stubEnv(SETTINGS.name, "fanout-prod").stubEnv(SETTINGS.adminUrl, url);
  vi.stubEnv(SETTINGS.topic, TOPIC);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  world.closeAllConnections();
  world.close();
  await once(world, "close");
});

/** Looks once. @returns what was logged. */
async function look(): Promise<unknown[]> {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    await handler({ services: ["TripAgent"] });
    return log.mock.calls.map(([line]) => line);
  } finally {
    log.mockRestore();
  }
}

test("a run that has been stuck for long is logged, and told of with its reason and what to do", async () => {
  rows = [stuck("inv_1", 12)];
  expect(await look()).toEqual([
    expect.objectContaining({ event: "run stuck", run: "inv_1", service: "TripAgent", state: "paused" }),
  ]);
  expect(asked[0]).toContain("'TripAgent'");
  const [message] = published;
  expect(message?.get("TopicArn")).toBe(TOPIC);
  expect(message?.get("Subject")).toBe("fanout-prod: 1 stuck run");
  expect(message?.get("Message")).toMatch(
    /^inv_1 {2}TripAgent\/run {2}paused since .*\n {2}.*gate\/run was not found/,
  );
  expect(message?.get("Message")).toContain("npx fanout redrive");
  expect(message?.get("Message")).not.toContain("secret/place");
});

test("it is told of once, and logged for as long as it is stuck", async () => {
  rows = [stuck("inv_1", 16)];
  expect(await look()).toHaveLength(1);
  expect(published).toEqual([]);
});

test("one that may still go on by itself is neither logged nor told of", async () => {
  rows = [stuck("inv_1", 9)];
  expect(await look()).toEqual([]);
  expect(published).toEqual([]);
});

test("of many, the first are told of", async () => {
  rows = Array.from({ length: 30 }, (_, index) => stuck(`inv_${index}`, 12));
  expect(await look()).toHaveLength(30);
  expect(published[0]?.get("Message")).toContain("and 10 more");
});

test("without a topic nobody is told", async () => {
  vi.stubEnv(SETTINGS.topic, "");
  rows = [stuck("inv_1", 12)];
  expect(await look()).toHaveLength(1);
  expect(published).toEqual([]);
});
