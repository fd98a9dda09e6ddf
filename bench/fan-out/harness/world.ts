import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChatCompletionRequest, LLMock } from "@copilotkit/aimock";
import { type Answer, callOf, MODEL_MS, type Workload } from "../workloads.ts";
import { now } from "./clock.ts";
import { answerParent } from "./parent.ts";

// A program: the world outside of the agents, which is the same for all. A scripted model (OpenAI's chat protocol) and the
// server that the tool asks. Both answer after a fixed time, and count.

/** What the world has seen since it was last asked. */
export interface Seen {
  toolRequests: number;
  /** When each request to the model came. */
  modelRequestsAt: number[];
}

const nothing = (): Seen => ({ toolRequests: 0, modelRequestsAt: [] });
let seen = nothing();

const model = new LLMock({ host: "127.0.0.1", port: 0, logLevel: "silent", journalMaxEntries: 1 });
model.on({ predicate: () => true }, async (request) => {
  seen.modelRequestsAt.push(now());
  await sleep(MODEL_MS);
  return reply(request);
});
await model.start();

/** The person's message is the workload; the conversation says how far it has come. */
function reply({ messages }: ChatCompletionRequest) {
  const workload: Workload = JSON.parse(textOf(messages.find(({ role }) => role === "user")));
  const results = messages.filter(({ role }) => role === "tool").map(numberIn);
  const turn = results.length / workload.calls;
  if (turn === workload.turns) return { content: JSON.stringify(answerFrom(results)) };
  const toolCalls = Array.from({ length: workload.calls }, (_, i) => ({
    id: `call_${turn}_${i}`,
    name: "work",
    arguments: JSON.stringify(callOf(workload, i)),
  }));
  return { toolCalls };
}

function answerFrom(results: (number | undefined)[]): Answer {
  const numbers = results.filter((number) => number !== undefined);
  return { results: numbers.length, sum: numbers.reduce((sum, number) => sum + number, 0) };
}

type Message = ChatCompletionRequest["messages"][number];

function textOf(message: Message | undefined): string {
  const content = message?.content ?? "";
  return typeof content === "string" ? content : content.map(({ text }) => text ?? "").join("");
}

/** The number of the call whose result it is; undefined if the call failed. */
function numberIn(message: Message): number | undefined {
  try {
    const { i } = JSON.parse(textOf(message));
    return typeof i === "number" ? i : undefined;
  } catch {
    return undefined;
  }
}

const tool = createServer(async (request, response) => {
  const { searchParams } = new URL(request.url ?? "", "http://tool");
  seen.toolRequests += 1;
  await sleep(Number(searchParams.get("ms")));
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ i: Number(searchParams.get("i")) }));
});
await new Promise<void>((resolve) => tool.listen(0, "127.0.0.1", resolve));

async function takeSeen(): Promise<Seen> {
  const taken = seen;
  seen = nothing();
  return taken;
}

answerParent(takeSeen, () => model.stop(), {
  MODEL_URL: `${model.url}/v1`,
  TOOL_URL: `http://127.0.0.1:${(tool.address() as AddressInfo).port}`,
});
