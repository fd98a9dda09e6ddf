import { setTimeout as sleep } from "node:timers/promises";
import { Hono } from "hono";
import { type Loopback, serveOnLoopback } from "../../sandbox/index.ts";

/** How long an answer takes, in ms: long enough to be seen, short enough not to bore. */
const ANSWER_MS = 400;

/** What the demo's tool looks things up in. It is slow, and counts how often it was asked about each topic. */
export interface Archive extends Loopback {
  asked(topic: string): number;
  /** Lets the first answer about a topic go, which was held back. */
  release(topic: string): void;
}

/** @param heldBack the topics whose first answer waits for `release`. */
export async function startArchive(heldBack: readonly string[]): Promise<Archive> {
  const asked = new Map<string, number>();
  const held = new Map(heldBack.map((topic) => [topic, Promise.withResolvers<void>()]));
  const app = new Hono().get("/:topic", async (c) => {
    const topic = c.req.param("topic");
    asked.set(topic, (asked.get(topic) ?? 0) + 1);
    await Promise.all([sleep(ANSWER_MS), held.get(topic)?.promise]);
    return c.json({ text: `What the archive says about ${topic}.` });
  });
  const server = await serveOnLoopback(app);
  return {
    ...server,
    asked: (topic) => asked.get(topic) ?? 0,
    release: (topic) => held.get(topic)?.resolve(),
  };
}
