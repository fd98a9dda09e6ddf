import { expect, test } from "vitest";
import { Concurrency } from "./concurrency.ts";

/** An account of which everything can be reserved. */
const ofAccount = (account: number) => new Concurrency({ account, unreservedMinimum: 0 });

test("a function with reserved concurrency has its own slots and cannot take others", () => {
  const concurrency = ofAccount(3);
  concurrency.reserve("reserved", 1);
  expect(concurrency.acquire("reserved", "1")).toBeUndefined();
  expect(concurrency.acquire("reserved", "1")).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
  expect(concurrency.acquire("a", "1")).toBeUndefined();
  expect(concurrency.acquire("b", "1")).toBeUndefined();
  expect(concurrency.acquire("a", "1")).toBe("ConcurrentInvocationLimitExceeded");
  concurrency.release("b", "1");
  concurrency.release("reserved", "1");
  expect(concurrency.acquire("a", "1")).toBeUndefined();
  expect(concurrency.acquire("reserved", "1")).toBeUndefined();
});

test("a refused invocation takes no slot", () => {
  const concurrency = ofAccount(1);
  concurrency.acquire("a", "1");
  concurrency.acquire("a", "1");
  concurrency.release("a", "1");
  expect(concurrency.acquire("a", "1")).toBeUndefined();
});

test("more reserved concurrency than the account has is an error", () => {
  const concurrency = ofAccount(10);
  concurrency.reserve("a", 8);
  expect(() => concurrency.reserve("b", 3)).toThrow(/b reserves a concurrency of 3, but at most 2 are left/);
  concurrency.reserve("a", 7);
  concurrency.reserve("b", 3);
});

test("of the account's 1000, 100 stay unreserved", () => {
  const concurrency = new Concurrency();
  expect(() => concurrency.reserve("a", 901)).toThrow(/at most 900 are left/);
  concurrency.reserve("a", 900);
  expect(concurrency.unreserved).toBe(100);
  expect(() => concurrency.reserve("b", 1)).toThrow(/at most 0 are left/);
  concurrency.reserve("b", 0);
});

test("reserved concurrency holds over all versions together", () => {
  const concurrency = ofAccount(10);
  concurrency.reserve("a", 2);
  expect(concurrency.acquire("a", "1")).toBeUndefined();
  expect(concurrency.acquire("a", "2")).toBeUndefined();
  expect(concurrency.acquire("a", "3")).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
});

test("what a version has provisioned the others cannot take, and what it has not it shares with them", () => {
  const concurrency = ofAccount(10);
  concurrency.reserve("a", 3);
  concurrency.provision("a", "1", 2);
  expect(concurrency.acquire("a", "$LATEST")).toBeUndefined();
  expect(concurrency.acquire("a", "$LATEST")).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
  expect(concurrency.acquire("a", "1")).toBeUndefined();
  expect(concurrency.acquire("a", "1")).toBeUndefined();
  expect(concurrency.acquire("a", "1")).toBe("ReservedFunctionConcurrentInvocationLimitExceeded");
  concurrency.release("a", "$LATEST");
  expect(concurrency.acquire("a", "1")).toBeUndefined();
});

test("without reserved concurrency the provisioned one comes out of the account's", () => {
  const concurrency = ofAccount(3);
  concurrency.provision("a", "1", 2);
  expect(concurrency.unreserved).toBe(1);
  expect(concurrency.acquire("b", "1")).toBeUndefined();
  expect(concurrency.acquire("b", "1")).toBe("ConcurrentInvocationLimitExceeded");
  expect(concurrency.acquire("a", "1")).toBeUndefined();
  expect(concurrency.acquire("a", "1")).toBeUndefined();
  expect(concurrency.acquire("a", "1")).toBe("ConcurrentInvocationLimitExceeded");
  concurrency.reserve("a", 2);
  expect(concurrency.unreserved).toBe(1);
  concurrency.forget("a");
  expect(concurrency.unreserved).toBe(3);
});

test("more provisioned concurrency than is reserved, or than the account has, is an error", () => {
  const concurrency = ofAccount(10);
  expect(() => concurrency.provision("a", "1", 11)).toThrow(/but at most 10 are left/);
  concurrency.reserve("a", 5);
  concurrency.provision("a", "1", 3);
  expect(() => concurrency.provision("a", "2", 3)).toThrow(
    /the function has 5 reserved, of which other versions have 3 provisioned/,
  );
  expect(() => concurrency.reserve("a", 2)).toThrow(/its versions have 3 provisioned/);
  concurrency.provision("a", "1", 0);
  concurrency.provision("a", "2", 5);
});
