import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { handler } from "../lib/stack/canary/handler.ts";
import { SETTINGS } from "../lib/stack/canary/settings.ts";
import type { Cluster } from "./support/cluster.ts";
import { answer, calls, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startWarmCluster("v7");
});
afterAll(() => cluster?.stop());
beforeEach(() => {
  vi.stubEnv(SETTINGS.ingressUrl, cluster.restate.ingressUrl);
  vi.stubEnv(SETTINGS.agent, "TestAgent").stubEnv(SETTINGS.message, "Go.");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test("an agent that answers, and whose tools work, is well", async () => {
  cluster.gate.use(() => {});
  await cluster.use(replies(calls({ id: "a", name: "gate", input: { id: "a" } }), answer("Well.")));
  await handler();
  expect(cluster.invocations("gate")).toBe(1);
});

test("a tool that fails is told, although the agent answers", async () => {
  await cluster.use(replies(calls({ id: "a", name: "fails", input: { id: "a" } }), answer("Never mind.")));
  await expect(handler()).rejects.toThrow(/^Calls of TestAgent failed: fails: /);
});

test("an answer that a limit has ended is told", async () => {
  cluster.gate.use(() => {});
  const turns = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
  const asking = turns.map((id) => calls({ id, name: "gate", input: { id } }));
  await cluster.use(replies(...asking, answer("That is all.")));
  await expect(handler()).rejects.toThrow("TestAgent ended with max-turns.");
});

test("an agent that is not there, and an ingress that does not answer, are told in a line", async () => {
  vi.stubEnv(SETTINGS.agent, "Nobody");
  await expect(handler()).rejects.toThrow(/^Nobody did not answer: .*$/);
  vi.stubEnv(SETTINGS.ingressUrl, "http://127.0.0.1:9");
  await expect(handler()).rejects.toThrow(/^Nobody did not answer: .*$/);
});
