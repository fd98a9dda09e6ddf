import { expect, expectTypeOf, test } from "vitest";
import * as z from "zod";
import { conversationOf, defineAgent } from "../agent/index.ts";
import { isLast, type RunEvent } from "../events/index.ts";
import { defineTool } from "../tool/index.ts";
import { connect } from "./connect.ts";
import type { AnswerOf, ApprovalOf, EventOf, HistoryOf } from "./contract.ts";
import { isLastEvent } from "./event-reader.ts";
import { serviceOf } from "./ingress-conversations.ts";

const weather = defineTool({
  name: "get_weather",
  description: "Weather.",
  input: z.object({ city: z.string() }),
  output: z.object({ celsius: z.number() }),
});
const price = defineTool({
  name: "get_price",
  description: "Prices.",
  input: z.object({ symbol: z.string() }),
  output: z.number(),
});
const rest = { description: "Any.", model: "openai/x", instructions: "Do." };
const briefing = defineAgent({
  ...rest,
  name: "BriefingAgent",
  answer: z.object({ headline: z.string() }),
  tools: [weather],
});
const parent = defineAgent({ ...rest, name: "ParentAgent", tools: [price, briefing] });

type Call<A, Type> = Extract<EventOf<A>, { type: Type }>;

test("an answer has the type of the agent's schema, or is text", () => {
  expectTypeOf<AnswerOf<typeof briefing>>().toEqualTypeOf<{ headline: string }>();
  expectTypeOf<AnswerOf<typeof parent>>().toEqualTypeOf<string>();
  const { agent } = connect({ url: "http://127.0.0.1:1" });
  type Output = Awaited<ReturnType<ReturnType<typeof agent<typeof briefing>>["run"]>>;
  expectTypeOf<Output["answer"]>().toEqualTypeOf<{ headline: string }>();
});

test("an agent may be named where its contract is only a type, by its own name", () => {
  const { agent } = connect({ url: "http://127.0.0.1:1" });
  agent<typeof parent>("ParentAgent");
  // @ts-expect-error it is another one's name
  agent<typeof parent>("BriefingAgent");
  expect(Object.keys(agent(parent)).sort()).toEqual([
    "answer",
    "approvals",
    "cancel",
    "conversation",
    "resolve",
    "result",
    "run",
    "start",
    "watch",
  ]);
});

test("a call's tool tells what its input and its output are, a sub-agent's and its tools' too", () => {
  type Issued = Call<typeof parent, "call-issued">;
  expectTypeOf<Issued["tool"]>().toEqualTypeOf<"get_price" | "BriefingAgent" | "get_weather">();
  expectTypeOf<Extract<Issued, { tool: "get_price" }>["input"]>().toEqualTypeOf<{ symbol: string }>();
  expectTypeOf<Extract<Issued, { tool: "get_weather" }>["input"]>().toEqualTypeOf<{ city: string }>();
  type Whole = Extract<Call<typeof parent, "call-ended">, { status: "ok"; truncated: false }>;
  expectTypeOf<Extract<Whole, { tool: "get_price" }>["output"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Extract<Whole, { tool: "BriefingAgent" }>["output"]>().toEqualTypeOf<
    { answer: { headline: string }; finishReason?: string } | undefined
  >();
});

test("a call that waits tells what its input is, in a list and as an event; a part of a call is of any tool", () => {
  const read = (asked: ApprovalOf<typeof parent> | Call<typeof parent, "approval-asked">) =>
    !asked.part && asked.tool === "get_weather" ? asked.input.city : asked.tool;
  const at = { at: 0, path: [], type: "approval-asked", approval: "ap_1", expiresAt: 1 } as const;
  expect(read({ ...at, part: false, tool: "get_weather", input: { city: "Oslo" } })).toBe("Oslo");
  expect(read({ ...at, part: true, tool: "send_mail", input: 1 })).toBe("send_mail");
  expectTypeOf<Extract<ApprovalOf<typeof parent>, { part: false }>["tool"]>().toEqualTypeOf<
    "get_price" | "BriefingAgent" | "get_weather"
  >();
});

test("a call of a history tells what its input is", () => {
  const read = ({ messages: [message] }: HistoryOf<typeof parent>) => {
    const call = message?.role === "assistant" ? message.calls?.[0] : undefined;
    return call?.tool === "get_weather" ? call.input.city : call?.tool;
  };
  const calls = [{ id: "a", tool: "get_weather", input: { city: "Oslo" } } as const];
  expect(read({ messages: [{ role: "assistant", text: "", calls: [...calls] }] })).toBe("Oslo");
});

test("an agent's conversations are called here as they are there, and by ids only that they can have", () => {
  expect(serviceOf("BriefingAgent")).toBe(conversationOf("BriefingAgent"));
  const { conversation } = connect({ url: "http://127.0.0.1:1" }).agent(parent);
  for (const id of ["", "a b", "x".repeat(201)])
    expect(() => conversation(id)).toThrow("id of 1 to 200 characters without spaces");
  expect(conversation("a/b-é").id).toBe("a/b-é");
});

test("in code, a comparison is enough", () => {
  const read = (event: EventOf<typeof parent>) => {
    if (event.type === "call-issued" && event.tool === "get_weather") return event.input.city;
    if (
      event.type === "call-ended" &&
      event.tool === "get_price" &&
      event.status === "ok" &&
      !event.truncated
    )
      return event.output?.toFixed(1);
    return event.type === "run-ended" ? event.finishReason : undefined;
  };
  const at = { at: 0, path: [] };
  expect(read({ ...at, type: "call-issued", id: "a", tool: "get_weather", input: { city: "Oslo" } })).toBe(
    "Oslo",
  );
});

test("an event is the last one here exactly where it is for those who tell", () => {
  const types: Record<RunEvent["type"], true> = {
    "run-began": true,
    "turn-began": true,
    text: true,
    "turn-ended": true,
    "call-issued": true,
    "approval-asked": true,
    "approval-answered": true,
    "call-ended": true,
    "limit-reached": true,
    "run-ended": true,
    "run-failed": true,
    "run-cancelled": true,
  };
  for (const type of Object.keys(types) as RunEvent["type"][])
    for (const path of [[], ["a"]])
      expect([type, path, isLastEvent({ type, path })]).toEqual([type, path, isLast({ type, path })]);
});
