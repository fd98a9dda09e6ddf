import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Pulled, RunEvent } from "../lib/events/index.ts";
import { type Cluster, MODES, type Mode } from "./support/cluster.ts";
import { answer, calls, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

const gate = (id: string) => ({ id, name: "gate", input: { id } });

describe.each(Object.keys(MODES) as Mode[])("on %s", (mode) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startWarmCluster(mode);
  });
  afterAll(() => cluster?.stop());
  beforeEach(() => cluster.gate.use(() => {}));

  const pull = async (run: string, offset?: number): Promise<Pulled> => {
    const { status, body } = await cluster.call(`/restate/call/RunEvents/${run}/pull`, { offset });
    expect([status, body]).toMatchObject([200, {}]);
    return body as Pulled;
  };
  /** All events of a run, as they come. */
  const watch = async (run: string, seen: (event: RunEvent) => void = () => {}): Promise<RunEvent[]> => {
    const events: RunEvent[] = [];
    for (let offset = 0; ; ) {
      const { messages, nextOffset } = await pull(run, offset);
      for (const event of messages) seen(event);
      events.push(...messages);
      if (messages.some(({ type, path }) => path.length === 0 && /^run-(ended|failed|cancelled)$/.test(type)))
        return events;
      offset = nextOffset;
    }
  };

  test("every call's end is told while its siblings still run", async () => {
    const open = Promise.withResolvers<void>();
    cluster.gate.use((id) => (id === "b" ? open.promise : undefined));
    const id = await cluster.beginWith({ events: true }, calls(gate("a"), gate("b")), answer("Both."));
    const told: string[] = [];
    const events = await watch(id, (event) => {
      told.push(`${event.type} ${"id" in event ? event.id : ""}`.trim());
      if (event.type === "call-ended" && event.id === "a") open.resolve();
    });
    expect(told).toEqual([
      "run-began",
      "turn-began",
      "turn-ended",
      "call-issued a",
      "call-issued b",
      "call-ended a",
      "call-ended b",
      "turn-began",
      "turn-ended",
      "run-ended",
    ]);
    expect(events.find(({ type }) => type === "call-ended")).toMatchObject({
      status: "ok",
      output: { id: "a" },
    });
    expect(events.at(-1)).toMatchObject({ answer: "Both.", finishReason: "stop", toolCalls: 2 });
    if (mode !== "v6") expect(cluster.invocations("agent")).toBe(2);
  });
});
