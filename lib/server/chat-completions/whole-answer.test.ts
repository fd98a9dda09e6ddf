import { Hono } from "hono";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FanoutError } from "../../client/index.ts";
import type { Env } from "../access.ts";
import type { Service } from "../service.ts";
import { answerWhole } from "./whole-answer.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const end = { answer: "Late.", finishReason: "max-turns", usage: { inputTokens: 2, outputTokens: 1 } };

/** Asks, and waits until the body has begun. */
async function ask(streamSeconds = 3600) {
  const run = Promise.withResolvers<unknown>();
  const errors: unknown[] = [];
  let left = 0;
  const service = {
    streamSeconds,
    runs: {
      result: (_: string, signal: AbortSignal) => {
        signal.addEventListener("abort", () => run.reject(signal.reason));
        return run.promise;
      },
    },
    onError: (error: unknown) => errors.push(error),
  } as unknown as Service;
  const asked = { run: "inv_1", id: "inv_1.x", model: "A", includeUsage: false, leave: () => left++ };
  const app = new Hono<Env>().get("/", (c) => answerWhole(service, c, asked));
  const asking = app.request("/");
  await vi.advanceTimersByTimeAsync(25_000);
  const response = await asking;
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
  return { run, errors, body: response.text(), left: () => left };
}

test("an answer that takes long comes after empty lines, and is still JSON", async () => {
  const { run, body, left } = await ask();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(left()).toBe(0);
  run.resolve(end);
  const text = await body;
  expect(text).toMatch(/^\n\n\{/);
  expect(JSON.parse(text)).toMatchObject({
    choices: [{ message: { content: "Late." }, finish_reason: "length" }],
    usage: { total_tokens: 3 },
  });
  expect(left()).toBe(1);
});

test("a late failure is an error in the body, which says nothing of Restate", async () => {
  const failed = await ask();
  failed.run.reject(new FanoutError("run-failed", "No.", { status: 500 }));
  expect(JSON.parse(await failed.body)).toEqual({
    error: { message: "No.", type: "run_error", param: null, code: "run_failed" },
  });
  expect(failed.errors).toEqual([]);
  const lost = await ask();
  lost.run.reject(new Error("http://inside is away"));
  expect(JSON.parse(await lost.body)).toMatchObject({ error: { code: "unavailable" } });
  expect(lost.errors).toHaveLength(1);
});

test("a run for which there is no time left goes on, and the body says where", async () => {
  const { body, left } = await ask(60);
  await vi.advanceTimersByTimeAsync(35_000);
  expect(JSON.parse(await body)).toMatchObject({ error: { code: "still_running" } });
  expect(left()).toBe(1);
});
