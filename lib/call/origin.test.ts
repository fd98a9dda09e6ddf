import type { InvocationId } from "@restatedev/restate-sdk/lambda";
import { expect, test } from "vitest";
import { type CallField, callHeader } from "./call-header.ts";
import { callOrigin, originOf } from "./origin.ts";

const invocation = (id: string, told?: Partial<Record<CallField, string>>) => ({
  id: id as InvocationId,
  headers: new Map(told && Object.entries(callHeader(told))),
});

test("a run that a person began is its own, and no call", () => {
  expect(callOrigin(invocation("inv_run"))).toEqual({ run: "inv_run", call: undefined });
});

test("a call of a run belongs to both, and so does everything that it calls itself", () => {
  const call = invocation("inv_call", originOf(invocation("inv_run"), "c1"));
  expect(callOrigin(call)).toEqual({ run: "inv_run", call: "c1" });
  const part = invocation("inv_part", originOf(call));
  expect(callOrigin(part)).toEqual({ run: "inv_run", call: "c1" });
});

test("a sub-agent's calls belong to the person's run, each under its own model's id", () => {
  const subAgent = invocation("inv_child", originOf(invocation("inv_run"), "c1"));
  expect(callOrigin(invocation("inv_tool", originOf(subAgent, "d1")))).toEqual({
    run: "inv_run",
    call: "d1",
  });
});

test("a call that no model asked for has no id", () => {
  expect(callOrigin(invocation("inv_tool", originOf(invocation("inv_run"))))).toEqual({
    run: "inv_run",
    call: undefined,
  });
});

test("a run that is no invocation's id is not passed on", () => {
  const forged = { run: "x".repeat(8000), call: "c" };
  expect(callOrigin(invocation("inv_run", forged))).toEqual({ run: "inv_run", call: undefined });
});
