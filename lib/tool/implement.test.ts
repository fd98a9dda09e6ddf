import type { Context } from "@restatedev/restate-sdk/lambda";
import { expect, test } from "vitest";
import * as z from "zod";
import { fakeContext } from "../../test/support/context.ts";
import { defineTool } from "./contract.ts";
import { ToolError } from "./error.ts";
import { implementTool } from "./implement.ts";
import type { ToolContext } from "./perform.ts";

const toolOf = (effect: "read" | "write") =>
  defineTool({
    name: "work",
    description: "Works.",
    input: z.object({}),
    output: z.string(),
    effect,
    maxResultBytes: 256,
  });

/** Runs a tool once, as Restate does. */
function run(
  ctx: Context,
  implementation: (context: ToolContext) => string,
  effect: "read" | "write" = "read",
): Promise<unknown> {
  const { service } = implementTool(toolOf(effect), (_, context) => implementation(context)) as unknown as {
    service: { run(ctx: Context, input: object): Promise<unknown> };
  };
  return service.run(ctx, {});
}

test("F10: a write runs in a durable step, a read does not", async () => {
  const { ctx, steps } = fakeContext();
  await run(ctx, () => "read", "read");
  expect(steps).toEqual([]);
  await run(ctx, () => "written", "write");
  expect(steps).toHaveLength(1);
});

test("F10: every try of a write has its invocation's id as its key", async () => {
  const keys: string[] = [];
  const flaky = ({ attempt, idempotencyKey }: ToolContext) => {
    keys.push(idempotencyKey);
    if (attempt === 1) throw new ToolError("busy", { retryable: true, retryAfterSeconds: 0 });
    return "written";
  };
  await run(fakeContext().ctx, flaky, "write");
  expect(keys).toEqual(["inv_fake", "inv_fake"]);
});

test("F4: the signal aborts when the time that the caller allows has passed", async () => {
  const { ctx } = fakeContext(undefined, { "x-fanout": "ms=1" });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  await run(ctx, ({ signal }) => {
    signal.addEventListener("abort", () => resolve(signal.reason));
    return "done";
  });
  expect(await promise).toMatchObject({ name: "TimeoutError" });
});

test("F4: a tool that begins when nobody waits any longer does nothing", async () => {
  const { ctx } = fakeContext(undefined, { "x-fanout": `until=${Date.now() - 1}` });
  let ran = false;
  const late = run(ctx, () => {
    ran = true;
    return "done";
  });
  await expect(late).rejects.toThrow("nobody waits");
  expect(ran).toBe(false);
});

test("F9: a result is cut to the contract's size, or to what the caller allows", async () => {
  const long = () => "word ".repeat(200);
  const bytes = async (headers = {}) => {
    const result = (await run(fakeContext(undefined, headers).ctx, long)) as { output: string };
    expect(result).toMatchObject({ truncated: true });
    return JSON.stringify(result.output).length;
  };
  expect(await bytes()).toBeLessThanOrEqual(256);
  expect(await bytes({ "x-fanout": "bytes=100" })).toBeLessThanOrEqual(100);
});

test("F2: what an implementation throws ends the call with its first line, without ARNs, and says how many tries it took", async () => {
  const failing = run(fakeContext().ctx, () => {
    throw new ToolError("arn:aws:lambda:us-east-1:000000000000:function:x broke\n    at x.ts:1:1");
  });
  await expect(failing).rejects.toMatchObject({
    message: "[arn] broke",
    code: 422,
    metadata: { attempts: "1", startedAt: expect.any(String), durationMs: expect.any(String) },
  });
});

test("what takes longer than a function may run is refused, unless its parts wait elsewhere", () => {
  const tool = { ...toolOf("read"), timeout: { seconds: 900 } };
  expect(() => implementTool(tool, () => ({}) as never)).toThrow(
    /timeout: expected at most 840 s, .* got 900 s; a composite may wait longer/,
  );
});
