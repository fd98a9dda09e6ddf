import { RestatePromise } from "@restatedev/restate-sdk/lambda";
import { expect, test } from "vitest";
import { AwaitedParts, NativeCombinator } from "./awaited-parts.ts";

type Part = RestatePromise<number>;

/** Runs a composite's code with two parts, which Restate's own promises stand for. */
function compose(code: (a: Part, b: Part) => Promise<unknown>): Promise<unknown> {
  const awaited = new AwaitedParts();
  const part = (value: number) => awaited.watch(RestatePromise.resolve(value));
  return awaited.orMisuse(code(part(1), part(2)));
}

test.each<[string, (a: Part, b: Part) => Promise<unknown>]>([
  ["Promise.all", (a, b) => Promise.all([a, b])],
  ["Promise.allSettled", (a, b) => Promise.allSettled([a, b])],
  ["Promise.race", (a, b) => Promise.race([a, b])],
  ["Promise.any", (a, b) => Promise.any([a, b])],
  ["Promise.all of caught parts", (a, b) => Promise.all([a.catch(() => 0), b.catch(() => 0)])],
  ["Promise.all of mapped parts", (a, b) => Promise.all([a.map(String), b.map(String)])],
])("%s is told what to use instead", async (_, code) => {
  const outcome = compose(code);
  await expect(outcome).rejects.toBeInstanceOf(NativeCombinator);
  await expect(outcome).rejects.toThrow("RestatePromise.allSettled");
});

test.each<[string, (a: Part, b: Part) => Promise<unknown>, unknown]>([
  ["parts one after the other", async (a, b) => [await a, await b], [1, 2]],
  ["a part twice", async (a) => [await a, await a], [1, 1]],
  ["a part on its own in Promise.all", (a) => Promise.all([a, a]), [1, 1]],
])("%s is awaited as ever", async (_, code, result) => {
  expect(await compose(code)).toEqual(result);
});
