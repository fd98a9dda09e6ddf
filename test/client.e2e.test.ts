import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type PositionedEvent, readEvents } from "../lib/client/index.ts";
import type { Cluster } from "./support/cluster.ts";
import { closed } from "./support/gate.ts";
import { answer, calls } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";
import { brief, watch } from "./support/watch.ts";

const gate = (id: string) => ({ id, name: "gate", input: { id } });

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startWarmCluster("v7");
});
afterAll(() => cluster?.stop());
beforeEach(() => cluster.gate.use(() => {}));

const here = () => ({ url: cluster.restate.ingressUrl });
const kill = (id: string) => fetch(`${cluster.restate.adminUrl}/invocations/${id}/kill`, { method: "PATCH" });

/** Reads to the end. @param onEvent sees each event as it comes. */
async function collect(
  events: AsyncIterable<PositionedEvent>,
  onEvent: (event: PositionedEvent) => unknown = () => {},
): Promise<PositionedEvent[]> {
  const all: PositionedEvent[] = [];
  for await (const one of events) {
    all.push(one);
    await onEvent(one);
  }
  return all;
}

test("a run's events come as they happen, once each, and from where one has stopped", async () => {
  const open = Promise.withResolvers<void>();
  cluster.gate.use((id) => (id === "b" ? open.promise : undefined));
  const id = await cluster.beginWith({ events: true }, calls(gate("a"), gate("b")), answer("Both."));
  const all = await collect(readEvents(here(), id), ({ event }) => {
    if (brief(event) === "call-ended a ok") open.resolve();
  });
  expect(all.map(({ event, position }) => ({ ...event, position }))).toEqual(await watch(cluster, id));
  expect(all.map(({ position }) => position)).toEqual(all.map((_, index) => index));
  expect(await collect(readEvents(here(), id, { after: 4 }))).toEqual(all.slice(4));
  expect(await collect(readEvents(here(), id, { after: all.length }))).toEqual([]);
});

test("a reader goes on where it was when the server dies in the middle", async () => {
  cluster.gate.use(closed);
  const id = await cluster.beginWith({ events: true }, calls(gate("a"), gate("b")), answer("Both."));
  const all = await collect(readEvents(here(), id), async ({ event }) => {
    if (brief(event) !== "call-issued b") return;
    await cluster.crashServer();
    cluster.gate.open();
  });
  expect(all.map(({ event, position }) => ({ ...event, position }))).toEqual(await watch(cluster, id));
});

test("a killed run has no last event, and its reader ends all the same", async () => {
  cluster.gate.use(closed);
  const id = await cluster.beginWith({ events: true }, calls(gate("a")), answer("Never."));
  const all = await collect(readEvents(here(), id), async ({ event }) => {
    if (event.type === "call-issued") await kill(id);
  });
  expect(all.map(({ event }) => brief(event)).at(-1)).toBe("call-issued a");
}, 90_000);

test.each(["inv_1", "inv_1gdJBtdVEcrh0xqmtROXDjJtkaS3h1Rg0b"])("there is no run %s", async (id) => {
  await expect(collect(readEvents(here(), id))).rejects.toMatchObject({
    code: "not-found",
    message: `There is no run "${id}" at ${cluster.restate.ingressUrl}.`,
  });
});

test("a signal ends the reading", async () => {
  cluster.gate.use(closed);
  const id = await cluster.beginWith({ events: true }, calls(gate("a")), answer("Late."));
  const stop = new AbortController();
  const reading = collect(readEvents(here(), id, { signal: stop.signal }), ({ event }) => {
    if (event.type === "call-issued") setTimeout(() => stop.abort(new Error("Enough.")));
  });
  await expect(reading).rejects.toThrow("Enough.");
  cluster.gate.open();
});
