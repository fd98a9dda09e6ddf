import { EventSchemas, InterruptSchema, ResumeEntrySchema } from "@ag-ui/core/schemas";
import { expect, test } from "vitest";
import {
  answered,
  asked,
  began,
  childBegan,
  collect,
  ended,
  events,
  failed,
  issued,
  notMade,
  ok,
  partAsked,
  type Told,
  turn,
} from "../../test/support/run-events.ts";
import { toAgUiEvents } from "./ag-ui-events.ts";

const ids = { threadId: "thread", runId: "inv_1" };

/** What is sent, which has to be what AG-UI's own schemas say. */
async function sent(...list: Told[]) {
  const all = await collect(toAgUiEvents(events(...list), ids));
  expect(all.map((event) => EventSchemas.parse(event))).toEqual(all);
  return all;
}

test("calls, texts and the answer of a run", async () => {
  const all = await sent(
    ...[began, ...turn(1, "I look.", 2), issued("a"), issued("b"), failed("b"), ok("a")],
    ...[...turn(2, "Done."), ended("Done.")],
  );
  expect(all[0]).toEqual({ type: "RUN_STARTED", ...ids });
  const texts = all.flatMap((event) => (event.type === "TEXT_MESSAGE_CONTENT" ? event.delta : []));
  expect(texts).toEqual(["I look.", "Done."]);
  expect(all.filter(({ type }) => type === "TOOL_CALL_ARGS")).toMatchObject([
    { toolCallId: "a", delta: '{"id":"a"}' },
    { toolCallId: "b", delta: '{"id":"b"}' },
  ]);
  expect(all.filter(({ type }) => type === "TOOL_CALL_RESULT")).toMatchObject([
    { toolCallId: "b", content: "No such thing.", metadata: { status: "error" } },
    { toolCallId: "a", content: '{"told":"a"}', metadata: { status: "ok" } },
  ]);
  expect(all.at(-1)).toMatchObject({
    ...{ type: "RUN_FINISHED", result: "Done.", outcome: { type: "success" } },
    usage: [{ model: "openai/scripted", inputTokens: 1, outputTokens: 1 }],
  });
});

test("a sub-agent's events are its own, and belong to the call that it was called by", async () => {
  const path = ["x"];
  const all = await sent(
    ...[began, ...turn(1, "", 1), issued("x"), childBegan(path)],
    ...turn(1, "I look.", 1).map((event) => ({ ...event, path })),
    ...[issued("g", path), ok("g", path), ended("Found.", "stop", path), ok("x"), ended("Done.")],
  );
  const own = all.filter((event) => "subagentRunId" in event && event.subagentRunId === "x");
  expect(own.map(({ type }) => type)).toEqual([
    "SUBAGENT_STARTED",
    "TEXT_MESSAGE_START",
    "TEXT_MESSAGE_CONTENT",
    "TEXT_MESSAGE_END",
    "TOOL_CALL_START",
    "TOOL_CALL_ARGS",
    "TOOL_CALL_END",
    "TOOL_CALL_RESULT",
    "SUBAGENT_FINISHED",
  ]);
  expect(own[0]).toMatchObject({ name: "Child", parentToolCallId: "x" });
  expect(own[4]).toMatchObject({ toolCallId: "x/g" });
});

test("approvals are asked for and answered while the run goes on", async () => {
  const path = ["x"];
  const all = await sent(
    ...[began, ...turn(1, "", 2), issued("a"), issued("b"), issued("x"), childBegan(path), issued("g", path)],
    ...[asked("a"), partAsked("b", "ap_1", { n: 1 }), asked("g", "ap_g", path)],
    answered("a", { decision: "denied", by: "bob", reason: "Too much." }),
    ...[answered("b", { decision: "approved", input: { n: 2 } }, "ap_1"), notMade("a", "denied")],
    ...[{ ...answered("g", { decision: "expired" }), path }, ended("Done.")],
  );
  const values = (name: string) =>
    all.flatMap((event) => (event.type === "CUSTOM" && event.name === name ? [event.value] : []));
  const expiresAt = "1970-01-01T00:00:00.099Z";
  const questions = values("approval-asked");
  expect(questions).toMatchObject([
    { id: "ap_a", toolCallId: "a", expiresAt, metadata: { tool: "gate", input: { id: "a" }, part: false } },
    { id: "ap_1", toolCallId: "b", expiresAt, metadata: { tool: "inner", input: { n: 1 }, part: true } },
    { id: "ap_g", toolCallId: "x/g", subagentRunId: "x" },
  ]);
  expect(questions.map((value) => InterruptSchema.parse(value))).toEqual(questions);
  const answers = values("approval-answered");
  expect(answers).toEqual([
    ...[{ interruptId: "ap_a", status: "resolved", payload: expect.objectContaining({ by: "bob" }) }],
    { interruptId: "ap_1", status: "resolved", payload: { approved: true, input: { n: 2 } } },
    { interruptId: "ap_g", status: "cancelled", payload: { approved: false } },
  ]);
  expect(answers.map((value) => ResumeEntrySchema.parse(value))).toEqual(answers);
  expect(all.find((event) => event.type === "TOOL_CALL_RESULT")).toMatchObject({
    ...{ toolCallId: "a", content: "Not called: denied.", metadata: { status: "denied" } },
  });
});

test("ids are not used twice", async () => {
  const all = await sent(
    ...[began, ...turn(1, "A."), issued("x"), childBegan(["x"])],
    ...turn(1, "B.").map((event) => ({ ...event, path: ["x"] })),
    ...turn(2, "C."),
  );
  const messages = all.flatMap((event) => (event.type === "TEXT_MESSAGE_START" ? event.messageId : []));
  expect(new Set(messages).size).toBe(3);
});

test.each([
  ["run-ended", ended(""), { type: "RUN_FINISHED", outcome: { type: "success" } }],
  ["run-cancelled", { type: "run-cancelled" }, { type: "RUN_FINISHED", outcome: { type: "cancelled" } }],
  [
    "run-failed",
    { type: "run-failed", code: 502, message: "No answer." },
    { type: "RUN_ERROR", code: "502", message: "No answer." },
  ],
  ["nothing, when it is killed,", undefined, { type: "RUN_ERROR" }],
] as [string, Told | undefined, object][])("%s ends the run, once", async (_, end, expected) => {
  const all = await sent(began, ...turn(1, "A."), ...(end ? [end] : []));
  expect(all.at(-1)).toMatchObject(expected);
  expect(all.filter(({ type }) => /^RUN_(FINISHED|ERROR)$/.test(type))).toHaveLength(1);
});
