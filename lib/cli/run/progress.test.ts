import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { turnSerde } from "../../agent/models/journaled-reply.ts";
import { type Loopback, serveOnLoopback } from "../../sandbox/index.ts";
import { readProgress } from "./progress.ts";

let admin: Loopback | undefined;
afterEach(() => admin?.stop());

const at = (ms: number) => new Date(ms).toISOString();
const bytes = (value: unknown) => [...Buffer.from(JSON.stringify(value))];
const replied = (ms: number, result: object) => ({
  entry_type: "Notification: Run",
  appended_at: at(ms),
  entry_json: JSON.stringify({ Notification: { Completion: { Run: { result } } } }),
});
const calls = (ids: string[]) => ids.map((id) => ({ id, tool: "get_weather", input: { city: id } }));
const message = (ids: string[]) => ({
  role: "assistant",
  content: calls(ids).map(({ id, tool, input }) => ({
    type: "tool-call",
    toolCallId: id,
    toolName: tool,
    input,
  })),
});
/** A reply that asks for these calls, as an agent's durable step writes it. */
const reply = (ms: number, ...ids: string[]) => journaled(ms, ids, message(ids));
const journaled = (ms: number, ids: string[], theirs: object | null) => {
  const usage = { inputTokens: 1, outputTokens: 1 };
  const rest = { usage, finishReason: "tool-calls" as const, startedAt: 0, endedAt: ms };
  const written = turnSerde.serialize({ text: "", calls: calls(ids), message: theirs, ...rest });
  return replied(ms, { Success: [...written] });
};
const called = (ms: number, id: string) => ({
  entry_type: "Command: Call",
  appended_at: at(ms),
  entry_json: JSON.stringify({
    Command: {
      Call: {
        request: {
          invocation_id: `inv_${id}`,
          invocation_target: { Service: { name: "get_weather" } },
          headers: [{ name: "x-fanout", value: `run=inv_run&call=${id}` }],
          parameter: bytes({ city: id }),
        },
      },
    },
  }),
});
const invocation = (id: string, rest: object = {}) => ({
  id: `inv_${id}`,
  status: "running",
  created_at: at(0),
  running_at: at(250),
  ...rest,
});
const completed = { status: "completed", completed_at: at(500), completion_result: "success" };

/** Reads the progress from an admin API with these tables. */
async function read(invocations: object[], journal: object[]) {
  admin = await serveOnLoopback(
    new Hono().post("/query", async (c) => {
      const { query } = await c.req.json<{ query: string }>();
      return c.json({ rows: query.includes("FROM sys_journal") ? journal : invocations });
    }),
  );
  return readProgress(admin, "inv_run");
}

test("a run that Restate does not know yet has no progress", async () => {
  expect(await read([], [])).toBeUndefined();
});

test("the model is being asked at first, and again once every call is over", async () => {
  expect(await read([invocation("run")], [])).toEqual({
    startedAt: 0,
    turns: [{ startedAt: 0, asked: 0, calls: [] }],
  });
  const progress = await read(
    [invocation("run"), invocation("a", completed)],
    [reply(200, "a"), called(210, "a")],
  );
  expect(progress?.turns).toEqual([
    {
      startedAt: 0,
      repliedAt: 200,
      asked: 1,
      calls: [
        {
          id: "a",
          tool: "get_weather",
          input: { city: "a" },
          state: "ok",
          issuedAt: 210,
          startedAt: 250,
          endedAt: 500,
        },
      ],
    },
    { startedAt: 500, asked: 0, calls: [] },
  ]);
});

test.each([
  ["the calls are not issued yet", [reply(200, "a")]],
  ["a write among them is still to be issued", [reply(200, "a", "b"), called(210, "a")]],
  ["the model has answered", [reply(200)]],
])("the model is not being asked while %s", async (_, journal) => {
  const progress = await read([invocation("run"), invocation("a", completed)], journal);
  expect(progress?.turns).toHaveLength(1);
});

test.each([
  ["stand in the provider's message", reply(200, "a", "b")],
  ["differ from the provider's message", journaled(200, ["a", "b"], message(["a"]))],
  ["have no message", journaled(200, ["a", "b"], null)],
])("the calls that a reply asks for are counted if they %s", async (_, row) => {
  expect((await read([invocation("run")], [row]))?.turns).toMatchObject([{ asked: 2 }]);
});

test("failures are one line, without status and stack", async () => {
  const last_failure =
    "[500 Internal] The model is busy.\nRetryableError: The model is busy.\n    at ask (x.mjs:1:2)";
  expect((await read([invocation("run", { last_failure })], []))?.turns[0]?.failure).toBe(
    "The model is busy.",
  );

  const calls = [
    invocation("a", {
      ...completed,
      completion_result: "failure",
      completion_failure: "[422] No such city.",
    }),
    invocation("b", { status: "backing-off", last_failure: "[429] Rate exceeded" }),
    invocation("c"),
    invocation("e", {
      status: "backing-off",
      last_failure: `error when calling 'arn:aws:lambda:us-east-1:000000000000:function:e:1': function returned an error during execution: {"errorMessage":"RequestId: 1 Error: Runtime exited"}`,
    }),
  ];
  const ids = ["a", "b", "c", "d", "e"];
  const issued = [reply(200, ...ids), ...ids.map((id) => called(210, id))];
  const progress = await read([invocation("run"), ...calls], issued);
  expect(progress?.turns[0]?.calls.map(({ state, failure }) => [state, failure])).toEqual([
    ["failed", "No such city."],
    ["retrying", "Rate exceeded"],
    ["running", undefined],
    ["waiting", undefined],
    ["retrying", "Runtime exited"],
  ]);
});

test("a model that failed for good is no answer", async () => {
  const run = invocation("run", { completed_at: at(900) });
  const failed = replied(800, { Failure: { code: 502, message: "No key." } });
  expect(await read([run], [failed])).toEqual({
    startedAt: 0,
    endedAt: 900,
    turns: [{ startedAt: 0, repliedAt: 800, asked: 0, failure: "No key.", calls: [] }],
  });
});

test("a turn whose model has failed is the same turn when another model is asked for it, and has replied", async () => {
  const failed = replied(800, { Failure: { code: 500, message: "The model is away." } });
  expect((await read([invocation("run")], [failed]))?.turns).toEqual([
    { startedAt: 0, asked: 0, failure: "The model is away.", calls: [] },
  ]);
  await admin?.stop();
  expect((await read([invocation("run")], [failed, reply(900, "a")]))?.turns).toEqual([
    { startedAt: 0, repliedAt: 900, asked: 1, calls: [] },
  ]);
});
