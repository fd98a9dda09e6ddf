import {
  type Context,
  type ObjectContext,
  type ObjectSharedContext,
  serde,
  TerminalError,
} from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { type Approval, type Ask, callHeader, durableStep } from "../call/index.ts";
import { check, readSetting } from "../runtime/index.ts";
import { type Published, pathOf } from "./event.ts";
import { publish } from "./log.ts";

/** Setting: the name of a tool that is told of every question, for a message to whoever may answer it. */
export const APPROVAL_NOTIFIER = "APPROVAL_NOTIFIER";

/** A question, and what became of it. Times are ms since the epoch. */
export interface Question extends Ask {
  askedAt: number;
  /** The awakeable of the call that waits. A write that comes later in its turn does not wait yet. */
  waiter?: string;
  answer?: Approval;
  /** Nobody waits any more, though nobody has answered. */
  over?: true;
}

/** The questions of a run, by their ids, in the order in which they were asked. */
export type Questions = Readonly<Record<string, Question>>;
const KEY = "approvals";
export const questionsOf = async (ctx: Pick<ObjectSharedContext, "get">): Promise<Questions> =>
  (await ctx.get<Questions>(KEY)) ?? {};

/** What somebody answers. */
export const answer = z.strictObject({
  approval: z.string().max(100).describe("The id of what was asked."),
  approve: z.boolean(),
  reason: z.string().max(2_000).optional().describe("For the model to read."),
  input: z.record(z.string(), z.unknown()).optional().describe("In place of the model's input."),
  by: z.string().max(200).optional().describe("Who answers."),
});
export type Answer = z.output<typeof answer>;

/** When questions were last asked, answered or will have expired, ms since the epoch: until then they are kept. */
export const lastAsked = (questions: Questions): number =>
  Math.max(0, ...Object.values(questions).map(({ askedAt, seconds }) => askedAt + seconds * 1000));

/** The questions of a run that wait for an answer. */
export const isOpen = ({ answer, over }: Question): boolean => answer === undefined && over === undefined;

/** What is left of a question that is over: the state travels with each invocation. */
const slim = ({ schema: _, ...question }: Question): Question => ({ ...question, input: null });

/** Notes what is asked, tells who watches, and wakes who waits for what was answered before. */
export async function askQuestions(
  ctx: ObjectContext,
  { asks, waiter }: { asks: Ask[]; waiter?: string },
): Promise<void> {
  const before = await questionsOf(ctx);
  const askedAt = await durableStep(ctx, "asked at", async () => Date.now());
  const news = asks.filter(({ id }) => before[id] === undefined);
  const added = { ...before };
  for (const ask of asks) {
    const known = before[ask.id];
    if (known?.answer && waiter) ctx.resolveAwakeable(waiter, known.answer);
    added[ask.id] = { ...(known ?? { ...ask, askedAt }), ...(waiter && { waiter }) };
  }
  ctx.set(KEY, added);
  for (const ask of news) tellNotifier(ctx, ask);
  await publish(
    ctx,
    news.flatMap((ask) => {
      const path = pathOf(ask.tell);
      const { id: approval, call: id, part, tool, input, seconds } = ask;
      const expiresAt = askedAt + seconds * 1000;
      const event = { at: askedAt, path: path ?? [], approval, id, part, tool, input, expiresAt };
      return path ? [{ type: "approval-asked", ...event } as const] : [];
    }),
  );
}

/** A tool of the user's own: it may write to a chat, a queue or a web hook. Nobody waits for it. */
function tellNotifier(ctx: ObjectContext, { id: approval, tool, input, seconds }: Ask): void {
  const notifier = readSetting(APPROVAL_NOTIFIER, "");
  if (notifier === "") return;
  ctx.genericSend({
    service: notifier,
    method: "run",
    parameter: { run: ctx.key, approval, tool, input, seconds },
    inputSerde: serde.json,
    headers: callHeader({ run: ctx.key }),
  });
}

/**
 * Answers a question, once.
 * @returns the answer that counts: this one, or the same one that was given before.
 * @throws TerminalError 404, 409 when it was answered otherwise or nobody waits any more, 400 for an input that does not fit.
 */
export async function answerQuestion(
  ctx: ObjectContext,
  { approval: id, approve, reason, input, by }: Answer,
): Promise<Approval> {
  const questions = await questionsOf(ctx);
  const question = questions[id];
  if (!question) throw new TerminalError(unknown(id, questions), { errorCode: 404 });
  const decision = approve ? "approved" : "denied";
  if (question.answer) return agree(question.answer, { decision, reason, input });
  if (question.over) throw new TerminalError("Nobody waits for this approval any more.", { errorCode: 409 });
  refuseMisfit(question, approve, input);
  const now = await durableStep(ctx, "answered at", async () => Date.now());
  const given: Approval = {
    decision,
    at: new Date(now).toISOString(),
    ...(by !== undefined && { by }),
    ...(reason !== undefined && { reason }),
    ...(input !== undefined && { input }),
  };
  ctx.set(KEY, { ...questions, [id]: { ...slim(question), answer: given } });
  if (question.waiter) ctx.resolveAwakeable(question.waiter, given);
  logAnswer(ctx, question, given);
  await publish(ctx, toldOf(question, given, now));
  return given;
}

function unknown(id: string, questions: Questions): string {
  const open = Object.values(questions).filter(isOpen);
  const ids = open.length > 0 ? open.map((question) => question.id).join(", ") : "none";
  return `There is no approval "${id}" in this run. Open ones: ${ids}.`;
}

/** Whoever answers twice in the same way has answered once. */
function agree(given: Approval, again: Pick<Approval, "decision" | "reason" | "input">): Approval {
  const same =
    given.decision === again.decision &&
    (again.input === undefined || JSON.stringify(given.input) === JSON.stringify(again.input));
  if (same) return given;
  if (given.decision === "expired")
    throw new TerminalError(`It has expired, at ${given.at}.`, { errorCode: 409 });
  const by = given.by === undefined ? "" : ` by ${given.by}`;
  throw new TerminalError(`It was ${given.decision} already${by}, at ${given.at}.`, { errorCode: 409 });
}

/** F8: the approver's input is checked as the model's is; its tool checks it again. */
function refuseMisfit({ schema }: Question, approve: boolean, input: Answer["input"]): void {
  if (input === undefined) return;
  if (!approve) throw new TerminalError("input: only what is approved can be changed", { errorCode: 400 });
  if (schema === undefined) return;
  const { problem } = check(z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema), input);
  if (problem !== undefined) throw new TerminalError(`input: ${problem}`, { errorCode: 400 });
}

/** What those who watch are told of the end of a question. A call that is not made has ended. */
function toldOf({ id: approval, call: id, tell }: Question, given: Approval, now: number) {
  const path = pathOf(tell);
  if (!path) return [];
  const { at: _, ...answer } = given;
  const events: Published[] = [{ type: "approval-answered", at: now, path, approval, id, ...answer }];
  return events;
}

/** Notes that nobody waits any more. @returns the answer, if there was one in time. */
export async function closeQuestions(
  ctx: ObjectContext,
  { ids, expired }: { ids: string[]; expired?: boolean },
): Promise<Approval | null> {
  const questions = await questionsOf(ctx);
  const open = ids.flatMap((id) => {
    const question = questions[id];
    return question && isOpen(question) ? [question] : [];
  });
  const [first] = ids;
  if (open.length === 0) return questions[first ?? ""]?.answer ?? null;
  const now = await durableStep(ctx, "closed at", async () => Date.now());
  const over: Approval = { decision: "expired", at: new Date(now).toISOString() };
  const closed = open.map((question) => [
    question.id,
    { ...slim(question), ...(expired ? { answer: over } : { over: true }) },
  ]);
  ctx.set(KEY, { ...questions, ...Object.fromEntries(closed) });
  for (const question of expired ? open : []) {
    logAnswer(ctx, question, over);
    await publish(ctx, toldOf(question, over, now));
  }
  return expired ? over : null;
}

function logAnswer(
  ctx: Context & { key?: string },
  { id, tool, call }: Question,
  { decision, by }: Approval,
): void {
  ctx.console.info({ event: "approval answered", run: ctx.key, call, approval: id, tool, decision, by });
}
