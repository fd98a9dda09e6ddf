import { expect, test } from "vitest";
import type { PositionedEvent } from "../client/index.ts";
import { Behind, type Read, type Told } from "./feed.ts";
import { Feeds } from "./feeds.ts";

/** A run that tells a number of turns, when it is let. */
function script() {
  const begun: { after: number; signal: AbortSignal }[] = [];
  let told = 0;
  let over = false;
  let news = Promise.withResolvers<void>();
  const change = (what: () => void) => () => {
    what();
    news.resolve();
    news = Promise.withResolvers();
  };
  const read: Read = async function* (_, { after, signal }): AsyncGenerator<PositionedEvent> {
    begun.push({ after, signal });
    for (let position = after; !signal.aborted; ) {
      if (position < told) {
        yield { position, event: { at: 0, path: [], type: "turn-began", turn: position } };
        position++;
      } else if (over) return;
      else await news.promise;
    }
  };
  return { read, begun, tell: change(() => told++), end: change(() => (over = true)) };
}

async function collect(events: AsyncIterable<Told>): Promise<number[]> {
  const positions: number[] = [];
  for await (const { position } of events) positions.push(position);
  return positions;
}
const never = new AbortController().signal;

test("a run is read once for all its readers, also for those who come late or have seen some", async () => {
  const run = script();
  const feeds = new Feeds(run.read, 10_000);
  const first = feeds.events("r", 0, never);
  run.tell();
  expect((await first.next()).value).toMatchObject({ position: 0, type: "turn-began" });
  run.tell();
  const others = [collect(feeds.events("r", 0, never)), collect(feeds.events("r", 1, never))];
  run.tell();
  run.end();
  expect(await Promise.all([collect(first), ...others])).toEqual([
    [1, 2],
    [0, 1, 2],
    [1, 2],
  ]);
  expect(run.begun).toHaveLength(1);
});

test("when its last reader leaves, nobody reads it any more, and the next one begins anew", async () => {
  const run = script();
  const feeds = new Feeds(run.read, 10_000);
  run.tell();
  const [one, two] = [feeds.events("r", 0, never), feeds.events("r", 0, never)];
  await one.next();
  await two.next();
  await one.return();
  expect(run.begun[0]?.signal.aborted).toBe(false);
  await two.return();
  expect(run.begun[0]?.signal.aborted).toBe(true);
  await feeds.events("r", 0, never).next();
  expect(run.begun).toHaveLength(2);
});

test("a reader who is further behind than what is kept is cut off, and reads alone until it has caught up", async () => {
  const run = script();
  const bytes = JSON.stringify({ at: 0, path: [], type: "turn-began", turn: 0 }).length;
  const feeds = new Feeds(run.read, 2 * bytes);
  run.tell();
  const [quick, slow] = [feeds.events("r", 0, never), feeds.events("r", 0, never)];
  await slow.next();
  for (let turn = 1; turn < 6; turn++) {
    run.tell();
    await quick.next();
  }
  await quick.next();
  await expect(slow.next()).rejects.toBeInstanceOf(Behind);
  const again = collect(feeds.events("r", 1, never));
  run.end();
  expect(await again).toEqual([1, 2, 3, 4, 5]);
  expect(run.begun.map(({ after }) => after)).toEqual([0, 1]);
});

test("why nothing can be read reaches every reader", async () => {
  const feeds = new Feeds(
    // biome-ignore lint/correctness/useYield: it fails before it has anything to say.
    async function* () {
      throw new Error("Restate is away.");
    },
    10_000,
  );
  const readers = [collect(feeds.events("r", 0, never)), collect(feeds.events("r", 0, never))];
  for (const reader of readers) await expect(reader).rejects.toThrow("Restate is away.");
});

test("a reader that has gone is waited for no longer", async () => {
  const run = script();
  const gone = new AbortController();
  const reading = collect(new Feeds(run.read, 10_000).events("r", 0, gone.signal));
  gone.abort();
  expect(await reading).toEqual([]);
});
