import { totalmem } from "node:os";
import { expect, test } from "vitest";
import type { Pool } from "./pool.ts";
import { IDLE_MS, reapIdle } from "./reaper.ts";

/** A pool of environments that are free since the given times, each of 40 MiB or as given, and what is reaped of it. */
function poolOf(idleSince: number[], mb = 40): { pool: Pool; reaped: number[] } {
  const reaped: number[] = [];
  const idle = idleSince.map((since) => ({ idleSince: since, frozenMb: mb }));
  const pool = { idle, reap: (environment: { idleSince: number }) => reaped.push(environment.idleSince) };
  return { pool: pool as unknown as Pool, reaped };
}

test("an environment that is idle for too long is ended, a younger one is kept", () => {
  const { pool, reaped } = poolOf([0, 1]);
  reapIdle({ pools: [pool] }, IDLE_MS + 1);
  expect(reaped).toEqual([0]);
});

test("of idle environments that hold too much memory the longest idle are ended, over all functions", () => {
  const old = poolOf([0, 1, 2]);
  const young = poolOf(Array.from({ length: 9 }, (_, index) => 10 + index));
  reapIdle({ pools: [old.pool, young.pool] }, 100, 10 * 40);
  expect(old.reaped.toSorted()).toEqual([0, 1]);
  expect(young.reaped).toEqual([]);
});

test("a large environment takes the place of several small ones that were used before it", () => {
  const small = poolOf([0, 1, 2, 3]);
  const large = poolOf([10], 300);
  reapIdle({ pools: [small.pool, large.pool] }, 100, 10 * 40);
  expect(large.reaped).toEqual([]);
  expect(small.reaped.toSorted()).toEqual([0, 1]);
});

test("the bound follows the machine's memory: no machine keeps as much as it has, and none keeps nothing", () => {
  const { pool, reaped } = poolOf([0, 1], totalmem() / 2 ** 20);
  reapIdle({ pools: [pool] }, 100);
  expect(reaped.toSorted()).toEqual([0, 1]);
  const tiny = poolOf([0, 1], 1);
  reapIdle({ pools: [tiny.pool] }, 100);
  expect(tiny.reaped).toEqual([]);
});
