import { AbstractChat, type ChatState, type ChatTransport, safeValidateUIMessages } from "ai";
import { expect, test } from "vitest";
import {
  answered,
  asked,
  began,
  childBegan,
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
import { last, states } from "../../test/support/ui-message.ts";
import type { RunMessage } from "./run-message.ts";
import { toUIMessageStream } from "./ui-message-stream.ts";

const callsOf = ({ parts }: Pick<RunMessage, "parts">) =>
  parts.flatMap((part) => ("toolCallId" in part ? `${part.toolCallId} ${part.state}` : []));

/** What the message is in the end, which the AI SDK has to take back where it was stored. */
async function final(...list: Told[]) {
  const message = await last(...list);
  expect(message.errors).toEqual([]);
  const stored = [{ ...message, id: "inv_1" } as RunMessage];
  expect(await safeValidateUIMessages<RunMessage>({ messages: stored })).toMatchObject({ success: true });
  return message.parts?.slice(1) ?? [];
}

const two = [began, ...turn(1, "", 2), issued("a"), issued("b"), asked("a"), asked("b")];

test("calls of a turn are asked for together, and answered in any order", async () => {
  const { states: all } = await states(
    ...[...two, answered("b", { decision: "approved" }), ok("b")],
    ...[answered("a", { decision: "approved" }), ok("a"), ended("Done.")],
  );
  const progress = all.map((message) => callsOf(message).join(", "));
  expect(progress.filter((one, index) => one !== "" && one !== progress[index - 1])).toEqual([
    "a input-available",
    "a input-available, b input-available",
    "a approval-requested, b input-available",
    "a approval-requested, b approval-requested",
    "a approval-requested, b approval-responded",
    "a approval-requested, b output-available",
    "a approval-responded, b output-available",
    "a output-available, b output-available",
  ]);
});

test("a question says its id and until when it waits, an answer who gave it", async () => {
  const [open] = (await last(...two, { type: "run-cancelled" })).parts?.slice(1) ?? [];
  expect(open).toMatchObject({ approval: { id: "ap_a", descriptor: { expiresAt: 99 } } });
  const parts = await final(
    ...[...two, answered("a", { decision: "approved", by: "ann" }), ok("a")],
    ...[answered("b", { decision: "denied", by: "bob", reason: "Too much." }), notMade("b", "denied")],
    ended("Done."),
  );
  expect(parts).toMatchObject([
    {
      ...{ state: "output-available", output: { told: "a" }, toolMetadata: { status: "ok" } },
      approval: {
        id: "ap_a",
        approved: true,
        descriptor: { expiresAt: 99, decision: "approved", by: "ann" },
      },
    },
    {
      state: "output-denied",
      approval: { approved: false, reason: "Too much.", descriptor: { decision: "denied", by: "bob" } },
    },
  ]);
});

test("a call is denied at once, whenever its agent hears of it", async () => {
  const { states: all } = await states(...two, answered("a", { decision: "denied" }), ok("b"));
  expect(all.map((message) => callsOf(message).join(", "))).toEqual(
    expect.arrayContaining(["a output-denied, b approval-requested", "a output-denied, b output-available"]),
  );
});

test("a call that was approved may fail", async () => {
  const parts = await final(...two, answered("a", { decision: "approved" }), failed("a"), ended("Done."));
  expect(parts[0]).toMatchObject({ state: "output-error", approval: { approved: true } });
});

test("an input that was changed is the part's, and what the model wanted is beside it", async () => {
  const changed = answered("a", { decision: "approved", input: { id: "less" } });
  const parts = await final(...two, changed, ok("a"), ended("Done."));
  expect(parts[0]).toMatchObject({
    input: { id: "less" },
    approval: { approved: true, descriptor: { modelInput: { id: "a" } } },
  });
});

test("a question that nobody has answered in time says so", async () => {
  const expired = [answered("a", { decision: "expired" }), notMade("a", "expired")];
  expect((await final(...two, ...expired, ended("Done.")))[0]).toMatchObject({
    state: "output-denied",
    approval: { reason: "Nobody has answered in time.", descriptor: { decision: "expired" } },
  });
});

test.each([
  ["the run is cancelled", [{ type: "run-cancelled" }], "It was cancelled."],
  ["its own time is over", [notMade("a", "timeout"), ended("Done.")], "Not called: timeout."],
] as [string, Told[], string][])("a question is over when %s", async (_, end, reason) => {
  const [part] = await final(...two, ...end);
  expect(part).toMatchObject({ state: "output-denied", approval: { approved: false, reason } });
  expect(part).not.toHaveProperty("approval.descriptor.decision");
});

test("an answer to a call that has ended meanwhile changes nothing", async () => {
  const before = await last(...two, notMade("a", "timeout"), ended("Done."));
  const late = [asked("a", "ap_late"), answered("a", { decision: "approved", input: {} })];
  expect(await last(...two, notMade("a", "timeout"), ...late, ended("Done."))).toEqual(before);
});

test("a sub-agent's calls are asked for at their place", async () => {
  const parts = await final(
    ...[began, ...turn(1, "", 2), issued("x"), issued("g"), childBegan(["x"]), issued("g", ["x"])],
    ...[asked("g"), asked("g", "ap_x/g", ["x"])],
    ...[{ ...answered("g", { decision: "denied" }, "ap_x/g"), path: ["x"] }, notMade("g", "denied", ["x"])],
    ...[ok("x"), ended("Done.")],
  );
  expect(parts).toMatchObject([
    { toolCallId: "x", state: "output-available" },
    { toolCallId: "g", approval: { id: "ap_g", reason: "The run ended before it." } },
    { toolCallId: "x/g", state: "output-denied", approval: { id: "ap_x/g" } },
  ]);
});

const whole = [began, ...turn(1, "", 1), issued("w"), partAsked("w", "ap_1", 1), partAsked("w", "ap_2", 2)];

test("parts of a composite are asked for beside its call, which is not touched", async () => {
  const parts = await final(
    ...whole,
    answered("w", { decision: "approved", by: "ann", input: 3 }, "ap_2"),
    ...[answered("w", { decision: "denied", reason: "No." }, "ap_1"), ok("w"), ended("Done.")],
  );
  const common = { toolCallId: "w", tool: "inner", expiresAt: 99 };
  expect(parts).toEqual([
    expect.objectContaining({ toolCallId: "w", state: "output-available" }),
    {
      ...{ type: "data-approval", id: "ap_1" },
      data: { ...common, approval: "ap_1", input: 1, answer: { decision: "denied", reason: "No." } },
    },
    {
      ...{ type: "data-approval", id: "ap_2" },
      data: {
        ...{ ...common, approval: "ap_2", input: 2 },
        answer: { decision: "approved", by: "ann", input: 3 },
      },
    },
  ]);
  expect(parts[0]).not.toHaveProperty("approval");
});

test.each([
  ["its call ends", [ok("w"), ended("Done.")]],
  ["the run is cancelled", [{ type: "run-cancelled" }]],
] as [string, Told[]][])("a part is not asked for any more when %s", async (_, end) => {
  const parts = await final(...whole, ...end);
  expect(parts.slice(1)).toMatchObject([{ data: { over: true } }, { data: { over: true } }]);
});

/** A chat as `useChat` keeps it, on no page. */
class Chat extends AbstractChat<RunMessage> {
  constructor(messages: RunMessage[], reconnectToStream: ChatTransport<RunMessage>["reconnectToStream"]) {
    const state: ChatState<RunMessage> = {
      ...{ status: "ready", error: undefined, messages },
      pushMessage: (message) => void messages.push(message),
      popMessage: () => void messages.pop(),
      replaceMessage: (index, message) => void messages.splice(index, 1, message),
      snapshot: structuredClone,
    };
    const sendMessages = () => Promise.reject(new Error("Nothing is sent."));
    super({ state, transport: { resumeStreamIsReplay: true, sendMessages, reconnectToStream } });
  }
}

test("a chat that rejoins between question and answer comes to the same", async () => {
  const { states: before } = await states(...two, ...turn(1, ""));
  const middle = before.findLast((message) => callsOf(message).includes("b approval-requested"));
  const all = [
    ...[...two, answered("b", { decision: "approved", input: { id: "less" } }), ok("b")],
    ...[answered("a", { decision: "denied" }), notMade("a", "denied"), ended("Done.")],
  ];
  const chat = new Chat([middle as RunMessage], async () =>
    toUIMessageStream(events(...all), { messageId: "inv_1" }),
  );
  await chat.resumeStream();
  expect(chat.error).toBeUndefined();
  const { errors: _, ...message } = await last(...all);
  expect(chat.messages).toEqual([message]);
});
