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
  return (request) => nth(list, turnOf(request.messages), "the script");
}

/** What the model was told about each call, by the call's id, in the order of the results. */
export function resultsIn(request: ModelRequest | undefined): Record<string, unknown> {
  const results = request?.messages.filter(({ role }) => role === "tool") ?? [];
  return Object.fromEntries(
    results.map(({ tool_call_id, content }) => [tool_call_id ?? "", JSON.parse(String(content))]),
  );
}

/** @throws Error when the script, or the request, is not as the other expects. */
export async function follow(script: Script, request: ModelRequest): Promise<Reply> {
  if (typeof script === "function") {
    const reply = await script(request);
    if (reply) return reply;
    throw new Error(`The script has no reply to ${JSON.stringify(questionOf(request))}.`);
  }
  return await nth(repliesTo(script, request), turnIn(script, request), titleOf(script, request));
}

/**
 * Checks that no reply is left over.
 * @param requests those of the runs that have ended.
 * @param question the only one that they are about.
 * @throws Error saying which one is.
 */
export function refuseUnused(script: Script, requests: readonly ModelRequest[], question: string): void {
  if (typeof script === "function") return;
  const about = isList(script) ? requests : requests.filter((request) => questionOf(request) === question);
  const list = isList(script) ? script : (script[question] ?? []);
  const used = about.reduce((most, request) => Math.max(most, turnIn(script, request) + 1), 0);
  if (used < list.length)
    throw new Error(
      `The run has ended, but the script goes on: ${used} of its ${list.length} replies to ${JSON.stringify(question)} ${used === 1 ? "was" : "were"} used. The next one: ${JSON.stringify(list[used])}`,
    );
}

const isList = (script: Exclude<Script, (request: ModelRequest) => unknown>): script is Replies =>
  Array.isArray(script);

function repliesTo(script: Replies | Readonly<Record<string, Replies>>, request: ModelRequest): Replies {
  if (isList(script)) return script;
  const question = questionOf(request);
  const list = Object.hasOwn(script, question) ? script[question] : undefined;
  if (list) return list;
  const questions = Object.keys(script).map((scripted) => JSON.stringify(scripted));
  throw new Error(
    `The script has no replies to ${JSON.stringify(question)}. It has some to: ${questions.join(", ")}.`,
  );
}

const titleOf = (script: Replies | object, request: ModelRequest): string =>
  isList(script as Replies) ? "The script" : `The script for ${JSON.stringify(questionOf(request))}`;

/** How many replies the model has given; of one question, those since it was asked. */
function turnIn(script: Replies | object, { messages }: ModelRequest): number {
  const asked = messages.findLastIndex(({ role }) => role === "user");
  return turnOf(isList(script as Replies) ? messages : messages.slice(asked));
}

/** The Responses protocol has one item per call, so consecutive messages of the model are one reply. */
function turnOf(messages: ModelRequest["messages"]): number {
  return messages.filter(
    ({ role }, index) => role === "assistant" && messages[index - 1]?.role !== "assistant",
  ).length;
}

function nth(list: Replies, turn: number, title: string): Reply | Promise<Reply> {
  const reply = list[turn];
  if (reply) return reply;
  const count = list.length === 1 ? "1 reply" : `${list.length} replies`;
  throw new Error(`${title} has ${count}, but reply ${turn + 1} was asked for`);
}

/** The last message of a user. */
function questionOf({ messages }: ModelRequest): string {
  const content = messages.findLast(({ role }) => role === "user")?.content ?? "";
  return typeof content === "string" ? content : content.map(({ text = "" }) => text).join("");
}
