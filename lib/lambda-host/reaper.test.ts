import { expect, test } from "vitest";
import type { Pool } from "./pool.ts";
import { IDLE_MS, MAX_IDLE, reapIdle } from "./reaper.ts";

/** A pool of environments that are free since the given times, and what is reaped of it. */
function poolOf(idleSince: number[]): { pool: Pool; reaped: number[] } {
  const reaped: number[] = [];
  const idle = idleSince.map((since) => ({ idleSince: since }));
  const pool = { idle, reap: (environment: { idleSince: number }) => reaped.push(environment.idleSince) };
  return { pool: pool as unknown as Pool, reaped };
}

test("an environment that is idle for too long is ended, a younger one is kept", () => {
  const { pool, reaped } = poolOf([0, 1]);
  reapIdle({ pools: [pool] }, IDLE_MS + 1);
  expect(reaped).toEqual([0]);
});

test("of too many idle environments the longest idle are ended, over all functions", () => {
  const old = poolOf([0, 1, 2]);
  const young = poolOf(Array.from({ length: MAX_IDLE - 1 }, (_, index) => 10 + index));
  reapIdle({ pools: [old.pool, young.pool] }, 100);
  expect(old.reaped.toSorted()).toEqual([0, 1]);
  expect(young.reaped).toEqual([]);
});
