import { TerminalError } from "@restatedev/restate-sdk/lambda";
import { expect, test } from "vitest";
import * as z from "zod";
import { fakeContext, type Issued, NEVER } from "../../test/support/context.ts";
import { RunLog } from "../events/index.ts";
import { defineTool } from "../tool/index.ts";
import { type FanOutOptions, fanOut } from "./fan-out.ts";

// Which calls are made and what becomes of them. That they are durable is tested end to end.

const toolOf = (name: string, effect: "read" | "write") =>
  defineTool({ name, description: "Works.", input: z.object({ n: z.int() }), output: z.unknown(), effect });
const tools = [toolOf("look", "read"), toolOf("book", "write")];
const NOW = 1_700_000_000_000;
const call = (id: string, tool = "look", n: unknown = Number.parseInt(id.slice(1), 10)) => ({
  id,
  tool,
  input: { n },
});
const done = (output: unknown) => ({ output, attempts: 1, startedAt: null, durationMs: 0, truncated: false });

/** Fans these calls out. @returns their results in short, and what was asked of Restate. */
async function fan(
  calls: ReturnType<typeof call>[],
  answer: (call: Issued) => unknown = ({ id }) => done(id),
  options: Partial<FanOutOptions> = {},
) {
  const { ctx, issued, cancelled } = fakeContext(answer);
  const { results } = await fanOut(ctx, tools, calls, {
    writesNeedApproval: false,
    maxCalls: 100,
    maxParallelCalls: undefined,
    now: NOW,
    deadlineAt: Number.POSITIVE_INFINITY,
    maxResultBytes: 1_000_000,
    depth: 0,
    limitsLeft: {},
    told: new RunLog(ctx, undefined),
    ...options,
  });
  const told = results.map(({ id, status, output }) => `${id} ${status} ${output ?? ""}`.trim());
  return {
    results: told,
    issued: issued.map(({ id }) => id),
    headers: issued[0]?.headers ?? {},
    cancelled,
  };
}

test("F1: every call has its one result in its own place, whatever became of it", async () => {
  const calls = [
    call("c1", "unknown"),
    call("c2"),
    call("c3", "look", "x"),
    call("c4", "look", 2),
    call("c5"),
  ];
  const { results } = await fan(calls, ({ id }) => done(id), { writesNeedApproval: false, maxCalls: 4 });
  expect(results).toEqual(["c1 unknown-tool", "c2 ok c2", "c3 invalid-input", "c4 ok c2", "c5 over-limit"]);
});

test.each([undefined, 2])(
  "F1: results stay in call order when later calls end first, with %s at a time",
  async (maxParallelCalls) => {
    const first = Promise.withResolvers<unknown>();
    const answer = ({ id }: Issued) => {
      // The first one ends when the last one has begun.
      if (id === "c3") first.resolve(done("c1"));
      return id === "c1" ? first.promise : done(id);
    };
    const { results } = await fan([call("c1"), call("c2"), call("c3")], answer, { maxParallelCalls });
    expect(results).toEqual(["c1 ok c1", "c2 ok c2", "c3 ok c3"]);
  },
);

test("F2: a call that fails leaves its siblings alone", async () => {
  const { results } = await fan([call("c1"), call("c2"), call("c3")], ({ id }) => {
    if (id === "c2") throw new TerminalError("No such thing.");
    return done(id);
  });
  expect(results).toEqual(["c1 ok c1", "c2 error", "c3 ok c3"]);
});

test.each([undefined, 1])(
  "F4: a call that times out is cancelled, and no other one, with %s at a time",
  async (maxParallelCalls) => {
    const answer = ({ id }: Issued) => (id === "c1" ? NEVER : done(id));
    const { results, cancelled } = await fan([call("c1"), call("c2")], answer, { maxParallelCalls });
    expect(results).toEqual(["c1 timeout", "c2 ok c2"]);
    expect(cancelled).toEqual(["c1"]);
  },
);

test("F4: a tool is told when nobody waits any longer: a minute after its timeout", async () => {
  const { headers } = await fan([call("c1")]);
  expect(headers["x-fanout"]).toBe(`run=inv_fake&call=c1&until=${NOW + 30_000 + 60_000}`);
});

test("F4, F9: a tool is told what the run has left, where that is less than its contract allows", async () => {
  const left = { deadlineAt: NOW + 700, maxResultBytes: 512 };
  const { headers } = await fan([call("c1")], undefined, left);
  expect(headers["x-fanout"]).toMatch(new RegExp(`&until=${NOW + 700 + 60_000}&ms=700&bytes=512$`));
});

test("F5: a write begins when every call before it has ended, and holds back every call after it", async () => {
  const ends = new Map(["c1", "c2", "c3", "c4"].map((id) => [id, Promise.withResolvers<unknown>()]));
  const begun: string[] = [];
  const calls = [call("c1"), call("c2"), call("c3", "book"), call("c4")];
  const { ctx } = fakeContext(({ id = "" }) => {
    begun.push(id);
    return ends.get(id)?.promise;
  });
  const options = {
    writesNeedApproval: false,
    maxCalls: 9,
    maxParallelCalls: undefined,
    now: NOW,
    deadlineAt: Number.POSITIVE_INFINITY,
  };
  const running = fanOut(ctx, tools, calls, {
    ...options,
    maxResultBytes: 9,
    depth: 0,
    limitsLeft: {},
    told: new RunLog(ctx, undefined),
  });
  const end = async (id: string) => {
    ends.get(id)?.resolve(done(id));
    // Whatever this lets begin has begun when all promises that are settled have been heard.
    await new Promise(setImmediate);
  };
  expect(begun).toEqual(["c1", "c2"]);
  await end("c1");
  expect(begun).toEqual(["c1", "c2"]);
  await end("c2");
  expect(begun).toEqual(["c1", "c2", "c3"]);
  await end("c3");
  expect(begun).toEqual(["c1", "c2", "c3", "c4"]);
  await end("c4");
  expect((await running).results).toHaveLength(4);
});

test("F6: identical reads run once, identical writes each", async () => {
  const calls = [
    call("c1"),
    call("c2", "look", 1),
    call("c3", "book", 1),
    call("c4", "book", 1),
    call("c5", "look", 1),
  ];
  const { issued } = await fan(calls);
  // After a write the same read may tell something else.
  expect(issued).toEqual(["c1", "c3", "c4", "c5"]);
});

test("F7: at most maxParallelCalls calls are in flight, and each one that ends lets the next begin", async () => {
  const ends = new Map(["c1", "c2", "c3", "c4"].map((id) => [id, Promise.withResolvers<unknown>()]));
  const begun: string[] = [];
  const running = fan(
    [...ends.keys()].map((id) => call(id)),
    ({ id = "" }) => {
      begun.push(id);
      return ends.get(id)?.promise;
    },
    { maxParallelCalls: 2 },
  );
  expect(begun).toEqual(["c1", "c2"]);
  for (const [id, next] of [
    ["c2", "c3"],
    ["c3", "c4"],
  ] as const) {
    ends.get(id)?.resolve(done(id));
    await new Promise(setImmediate);
    expect(begun.at(-1)).toBe(next);
  }
  for (const { resolve } of ends.values()) resolve(done("x"));
  await running;
});

test("F11: calls beyond the run's limit are not made", async () => {
  const { results, issued } = await fan([call("c1"), call("c2")], undefined, {
    writesNeedApproval: false,
    maxCalls: 1,
  });
  expect(results).toEqual(["c1 ok c1", "c2 over-limit"]);
  expect(issued).toEqual(["c1"]);
});
