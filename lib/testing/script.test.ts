import { expect, test } from "vitest";
import { calls, type ModelRequest, type Reply, replies, resultsIn, type Script, says } from "./script.ts";
import { ScriptedModel } from "./scripted-model.ts";

const user = (content: string) => ({ role: "user" as const, content });
const assistant = { role: "assistant" as const, content: "…" };
const result = (content: string) => ({ role: "tool" as const, tool_call_id: "1", content });
const request = (...messages: ModelRequest["messages"]): ModelRequest => ({ model: "m", messages });

/** What a model of this script replies to requests of a run that asks "Hi". */
const through = async (script: Script, ...requests: ModelRequest[]) => {
  const model = new ScriptedModel(script);
  return model.through("Hi", async () => {
    const given: Reply[] = [];
    for (const one of requests) given.push(await model.reply(one));
    return given;
  });
};

test("calls are several calls at once, each with its input; text is sent as it is", () => {
  expect(calls({ one: { a: 1 }, two: [{ b: 1 }, "{broken"] })).toEqual({
    toolCalls: [
      { name: "one", arguments: '{"a":1}' },
      { name: "two", arguments: '{"b":1}' },
      { name: "two", arguments: "{broken" },
    ],
  });
  expect([says("Yes."), says({ yes: true })]).toEqual([{ content: "Yes." }, { content: '{"yes":true}' }]);
});

test("the request shows which reply is due; consecutive messages of the model are one", async () => {
  const first = request(user("Hi"));
  const second = request(user("Hi"), assistant, assistant, result("1"));
  const one = says("one");
  const two = says("two");
  expect(await through([one, two], first, first, second)).toEqual([one, one, two]);
  expect(await replies(one, two)(second)).toBe(two);
});

test("a call has the same id whenever its request is repeated, and another one in the next turn", async () => {
  const both = calls({ a: [{}, {}] });
  const first = request(user("Hi"));
  const next = request(user("Hi"), assistant, result("1"));
  const ids = (await through([both, both], first, first, next)).map((reply) =>
    "toolCalls" in reply ? reply.toolCalls?.map(({ id }) => id) : [],
  );
  expect(ids[0]).toEqual(ids[1]);
  expect(new Set([...(ids[0] ?? []), ...(ids[2] ?? [])]).size).toBe(4);
  const own: Reply = { toolCalls: [{ name: "a", arguments: "{}", id: "mine" }] };
  expect(await through([own], first)).toEqual([own]);
});

test("replies by question begin anew with each message of a user", async () => {
  const script = { Hi: [says("a"), says("b")], More: [says("c")] };
  const asked = [
    request(user("Hi")),
    request(user("Hi"), assistant, result("1")),
    request(user("Hi"), assistant, result("1"), assistant, user("More")),
  ];
  expect(await through(script, ...asked)).toEqual([says("a"), says("b"), says("c")]);
  const parts = [{ type: "text", text: "Hi" }];
  expect(await through({ Hi: [says("a")] }, request({ role: "user", content: parts }))).toEqual([says("a")]);
});

test.each<[string, Script, string]>([
  ["too early", [], "The script has 0 replies, but the model was asked for another one."],
  [
    "too early for a question",
    { Hi: [] },
    'The script for "Hi" has 0 replies, but the model was asked for another one.',
  ],
  [
    "without the question",
    { Ho: [], constructor: [] },
    'The script has no replies to "Hi", only to "Ho", "constructor".',
  ],
  ["without a reply from a function", () => undefined, 'The script has no reply to "Hi".'],
  [
    "after the run",
    [says("a"), says("b")],
    'The run has ended after 1 reply, but the script has 2. The next one: {"content":"b"}',
  ],
  [
    "after the run of a question",
    { Hi: [says("a"), says("b")] },
    'The run has ended after 1 reply, but the script has 2. The next one: {"content":"b"}',
  ],
  [
    "before any request",
    [says("a")],
    'The run has ended after 0 replies, but the script has 1. The next one: {"content":"a"}',
  ],
])("a script that ends %s is an error of the run", async (when, script, message) => {
  const asked = when === "before any request" ? [] : [request(user("Hi"))];
  await expect(through(script, ...asked)).rejects.toThrow(message);
});

test("a mistake fails the run at once, and is told instead of the run's own error", async () => {
  const model = new ScriptedModel([]);
  const run = model.through("Hi", async () => {
    expect(await model.reply(request(user("Hi")))).toMatchObject({ status: 400 });
    throw new Error("the run failed");
  });
  await expect(run).rejects.toThrow("The script has 0 replies");
  model.use([says("a")]);
  await expect(model.through("Hi", () => Promise.reject(new Error("its own")))).rejects.toThrow("its own");
});

test("what the model was told about each call is found by the call", () => {
  expect(resultsIn(request(user("Hi"), assistant, result('{"ok":true}')))).toEqual({ 1: { ok: true } });
  expect(resultsIn(undefined)).toEqual({});
});
