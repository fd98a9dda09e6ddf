import { CancelledError, RetryableError, TerminalError } from "@restatedev/restate-sdk/lambda";
import { expect, test } from "vitest";
import { MODEL_RETRIES, ofTheModel, toRestateError } from "./model-failure.ts";
import { ModelError } from "./models/seam.ts";

const busy = (retryAfterSeconds?: number) =>
  new ModelError("The model m answered 429", { retryable: true, retryAfterSeconds });

test("what may pass is tried again, three times in all", () => {
  expect(toRestateError(busy())).toBeInstanceOf(RetryableError);
  expect(MODEL_RETRIES.maxRetryAttempts).toBe(3);
});

test("a provider's retry-after is kept up to a minute: a person is waiting for the run", () => {
  expect(toRestateError(busy(7))).toMatchObject({ retryAfter: { seconds: 7 } });
  expect(toRestateError(busy(3600))).toMatchObject({ retryAfter: { seconds: 60 } });
});

test("what would fail again ends the run, with a 502", () => {
  const refused = new ModelError("The model m rejected the API key (401)", { retryable: false });
  for (const error of [refused, new TypeError("fetch failed")]) {
    expect(toRestateError(error)).toBeInstanceOf(TerminalError);
    expect(toRestateError(error)).toMatchObject({ code: 502 });
  }
});

test("F13: a cancellation during a model's request is passed on as it is", () => {
  const cancelled = new CancelledError();
  expect(ofTheModel(cancelled)).toBe(cancelled);
  expect(ofTheModel(new TerminalError("out of tries", { errorCode: 500 }))).toMatchObject({ code: 502 });
});
