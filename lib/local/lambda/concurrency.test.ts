import { expect, test } from "vitest";
import { Concurrency } from "./concurrency.ts";

test("a function with reserved concurrency has its own slots and cannot take others", () => {
  const concurrency = new Concurrency(3);
  concurrency.reserve("reserved", 1);
  expect(concurrency.acquire("reserved")).toBeUndefined();
  expect(concurrency.acquire("reserved")).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
  expect(concurrency.acquire("a")).toBeUndefined();
  expect(concurrency.acquire("b")).toBeUndefined();
  expect(concurrency.acquire("a")).toBe("ConcurrentInvocationLimitExceeded");
  concurrency.release("b");
  concurrency.release("reserved");
  expect(concurrency.acquire("a")).toBeUndefined();
  expect(concurrency.acquire("reserved")).toBeUndefined();
});

test("a refused invocation takes no slot", () => {
  const concurrency = new Concurrency(1);
  concurrency.acquire("a");
  concurrency.acquire("a");
  concurrency.release("a");
  expect(concurrency.acquire("a")).toBeUndefined();
});

test("more reserved concurrency than the account has is an error", () => {
  const concurrency = new Concurrency(10);
  concurrency.reserve("a", 8);
  expect(() => concurrency.reserve("b", 3)).toThrow(/b reserves a concurrency of 3, but the account has 10/);
  concurrency.reserve("a", 7);
  concurrency.reserve("b", 3);
});
