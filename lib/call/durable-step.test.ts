import { RestatePromise, type Serde, TerminalError } from "@restatedev/restate-sdk/lambda";
import { expect, test } from "vitest";
import { durableStep } from "./durable-step.ts";

// What becomes of a step's result. That it stands in a response before what follows from it is seen end to end.

type Run = { action: () => Promise<unknown>; serde: Serde<unknown> };

/** A context whose steps end when the test says. */
function steps() {
  const runs: Run[] = [];
  const acknowledged = Promise.withResolvers<unknown>();
  const ctx = {
    run: (_name: string, action: Run["action"], { serde }: Run) => {
      runs.push({ action, serde });
      return RestatePromise.resolve(acknowledged.promise);
    },
  };
  /** As the SDK does: the result is written into the response, and that is all. */
  const write = async () => {
    const [{ action, serde }] = runs as [Run];
    return serde.serialize(await action());
  };
  return { ctx: ctx as never, write, acknowledged };
}

test("a result is there when it has been written, before it is acknowledged; and as the journal gives it back", async () => {
  const { ctx, write } = steps();
  const step = durableStep<unknown>(ctx, "look", async () => ({ at: new Date(0), none: undefined }));
  await write();
  expect(await step).toEqual({ at: "1970-01-01T00:00:00.000Z" });
});

test("a result that has not been written is not there", async () => {
  const { ctx } = steps();
  const came: string[] = [];
  durableStep(ctx, "look", async () => "seen").then((value) => came.push(value));
  await new Promise(setImmediate);
  expect(came).toEqual([]);
});

test("a replay gives what was acknowledged, and the work is not done again", async () => {
  const { ctx, acknowledged } = steps();
  const step = durableStep(ctx, "look", async () => expect.unreachable("it is done already"));
  acknowledged.resolve("seen before");
  expect(await step).toBe("seen before");
});

test("a failure is waited for: only Restate says when there are no more tries", async () => {
  const { ctx, write, acknowledged } = steps();
  const failure = new TerminalError("no");
  const step = durableStep(ctx, "look", () => Promise.reject(failure));
  await expect(write()).rejects.toBe(failure);
  acknowledged.reject(failure);
  await expect(step).rejects.toBe(failure);
});

test("a value that has its own form in the journal comes back from it", async () => {
  const { ctx, write } = steps();
  const serde: Serde<number> = {
    contentType: "text/plain",
    serialize: (value) => new TextEncoder().encode(`${value} units`),
    deserialize: (bytes) => Number.parseInt(new TextDecoder().decode(bytes), 10) + 1,
  };
  const step = durableStep(ctx, "count", async () => 1, { serde });
  expect(new TextDecoder().decode(await write())).toBe("1 units");
  expect(await step).toBe(2);
});
