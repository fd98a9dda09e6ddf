import type { ModelScript } from "../sandbox/index.ts";

/** A request as it reached the model, in the form of OpenAI's Chat Completions whatever the provider is. */
export type ModelRequest = Parameters<ModelScript>[0];

/** One reply of a scripted model: {@link calls}, {@link says}, or anything else that aimock can send. */
export type Reply = Awaited<ReturnType<ModelScript>>;

/** The replies to one run, in turn. One that is a promise comes when that is fulfilled. */
export type Replies = readonly (Reply | Promise<Reply>)[];

/**
 * What a scripted model replies:
 * - a list: these replies in turn, to each run from the first one on;
 * - lists by question: the replies to each message of a user, for several agents or for a conversation;
 * - a function of the request, where neither will do; undefined is an error that names the question.
 */
export type Script =
  | Replies
  | Readonly<Record<string, Replies>>
  | ((request: ModelRequest) => Reply | undefined | Promise<Reply | undefined>);

/**
 * The model calls tools, all at once.
 * @param inputs by the tool's name, its input; a list of inputs for several calls of it. Text is sent as it is, such as broken JSON.
 */
export function calls(inputs: Readonly<Record<string, unknown>>): Reply {
  const each = Object.entries(inputs).flatMap(([name, input]) =>
    [input].flat().map((one) => ({ name, one })),
  );
  return {
    toolCalls: each.map(({ name, one }) => ({
      name,
      arguments: typeof one === "string" ? one : JSON.stringify(one),
    })),
  };
}

/** The model answers. @param answer text, or what an agent with an `answer` schema is to answer. */
export const says = (answer: string | object): Reply => ({
  content: typeof answer === "string" ? answer : JSON.stringify(answer),
});

/**
 * A model that gives these replies in turn. The request shows which one is due, so a repeated request gets the same reply.
 * The function throws when there is none left.
 */
export function replies(...list: Replies): (request: ModelRequest) => Reply | Promise<Reply> {
  return (request) => nth(placeIn(list, request));
}

/** What the model was told about each call, by the call's id, in the order of the results. */
export function resultsIn(request: ModelRequest | undefined): Record<string, unknown> {
  const results = request?.messages.filter(({ role }) => role === "tool") ?? [];
  return Object.fromEntries(
    results.map(({ tool_call_id, content }) => [tool_call_id ?? "", JSON.parse(String(content))]),
  );
}

/** @throws Error when the script has no reply to a request. */
export async function follow(script: Script, request: ModelRequest): Promise<Reply> {
  if (typeof script !== "function") return await nth(placeIn(script, request));
  const reply = await script(request);
  if (reply) return reply;
  throw new Error(`The script has no reply to ${JSON.stringify(questionOf(request))}.`);
}

/**
 * Checks that no reply is left over.
 * @param requests those of runs that have ended.
 * @param question what was asked: of lists by question only this one is checked.
 * @throws Error naming the next reply.
 */
export function refuseUnused(script: Script, requests: readonly ModelRequest[], question: string): void {
  if (typeof script === "function") return;
  const list = isList(script) ? script : (script[question] ?? []);
  const asked = requests.filter((request) => isList(script) || questionOf(request) === question);
  const used = Math.max(0, ...asked.map((request) => placeIn(script, request).turn + 1));
  if (used >= list.length) return;
  const next = JSON.stringify(list[used]);
  throw new Error(
    `The run has ended after ${counted(used)}, but the script has ${list.length}. The next one: ${next}`,
  );
}

type Lists = Exclude<Script, (request: ModelRequest) => unknown>;

const isList = (script: Lists): script is Replies => Array.isArray(script);

/** The reply that a request asks for: one of a list, from 0. */
interface Place {
  title: string;
  list: Replies;
  turn: number;
}

/** @throws Error naming the questions that are scripted when this one is not. */
function placeIn(script: Lists, request: ModelRequest): Place {
  const { messages } = request;
  if (isList(script)) return { title: "The script", list: script, turn: turnOf(messages) };
  const question = questionOf(request);
  const list = Object.hasOwn(script, question) ? script[question] : undefined;
  if (!list) {
    const questions = Object.keys(script).map((known) => JSON.stringify(known));
    throw new Error(
      `The script has no replies to ${JSON.stringify(question)}, only to ${questions.join(", ")}.`,
    );
  }
  const since = messages.slice(messages.findLastIndex(({ role }) => role === "user"));
  return { title: `The script for ${JSON.stringify(question)}`, list, turn: turnOf(since) };
}

function nth({ title, list, turn }: Place): Reply | Promise<Reply> {
  const reply = list[turn];
  if (reply) return reply;
  throw new Error(`${title} has ${counted(list.length)}, but the model was asked for another one.`);
}

const counted = (count: number) => (count === 1 ? "1 reply" : `${count} replies`);

/**
 * How many replies of the model there are. The Responses protocol has one item per call, so consecutive messages of the model
 * are one reply.
 */
function turnOf(messages: ModelRequest["messages"]): number {
  return messages.filter(
    ({ role }, index) => role === "assistant" && messages[index - 1]?.role !== "assistant",
  ).length;
}

/** The last message of a user. */
function questionOf({ messages }: ModelRequest): string {
  const content = messages.findLast(({ role }) => role === "user")?.content ?? "";
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("");
}
