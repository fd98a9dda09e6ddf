import { expect, test } from "vitest";
import { Concurrency } from "./concurrency.ts";

/** An account of which everything can be reserved. */
const ofAccount = (account: number) => new Concurrency({ account, unreservedMinimum: 0 });

test("a function with reserved concurrency has its own slots and cannot take others", () => {
  const concurrency = ofAccount(3);
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
  const concurrency = ofAccount(1);
  concurrency.acquire("a");
  concurrency.acquire("a");
  concurrency.release("a");
  expect(concurrency.acquire("a")).toBeUndefined();
});

test("more reserved concurrency than the account has is an error", () => {
  const concurrency = ofAccount(10);
  concurrency.reserve("a", 8);
  expect(() => concurrency.reserve("b", 3)).toThrow(/b reserves a concurrency of 3, but at most 2/);
  concurrency.reserve("a", 7);
  concurrency.reserve("b", 3);
});

test("of the account's 1000, 100 stay unreserved", () => {
  const concurrency = new Concurrency();
  expect(() => concurrency.reserve("a", 901)).toThrow(/at most 900 can be reserved/);
  concurrency.reserve("a", 900);
  expect(concurrency.unreserved).toBe(100);
  expect(() => concurrency.reserve("b", 1)).toThrow(/at most 0 can be reserved/);
  concurrency.reserve("b", 0);
});
