import {
  handlers,
  type ObjectContext,
  type ObjectSharedContext,
  object,
} from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { CALL_APPROVED, ignoreCallHeader } from "../call/index.ts";
import { jsonSerde } from "../runtime/index.ts";
import { answer, answerQuestion, askQuestions, closeQuestions, questionsOf } from "./approvals.ts";
import { callApproved } from "./approved-call.ts";
import { type RunEvent, TOPIC } from "./event.ts";
import { forget } from "./forget.ts";
import { logOf, nextOf, publish, readFrom } from "./log.ts";
import { resolution, resolve, waitFor } from "./promises.ts";

const pullRequest = z.object({ offset: z.int().min(0).optional() });
/** @param bell see {@link nextOf}. */
const nextRequest = z.strictObject({ offset: z.int().min(0), bell: z.string().max(100) });

/** What the model writes, as the agent's function tells it through the ingress: the only event that comes from outside. */
const textEvent = z.strictObject({
  at: z.number(),
  path: z.array(z.string().max(200)).max(10),
  turn: z.int().min(1),
  text: z.string().max(100_000),
  begins: z.literal(true).optional(),
});

const hidden = { ingressPrivate: true } as const;

/** The service. Only `pull`, `next`, `ring`, `text`, `answer`, `approvals` and `resolve` can be called from outside. */
export const topic = object({
  name: TOPIC,
  description: "What happens in runs, for those who watch them",
  handlers: {
    publish: handlers.object.exclusive(hidden, publish),
    text: handlers.object.exclusive(
      { input: jsonSerde(textEvent) },
      async (ctx: ObjectContext, { begins, ...event }: z.output<typeof textEvent>) =>
        publish(ctx, [{ type: "text", ...event, ...(begins && { begins }) }]),
    ),
    pull: handlers.object.shared(
      { input: jsonSerde(pullRequest) },
      async (ctx: ObjectSharedContext, { offset }: z.output<typeof pullRequest>) => {
        const log = await logOf(ctx);
        return await readFrom(ctx, log, offset ?? log.next);
      },
    ),
    next: handlers.object.exclusive({ input: jsonSerde(nextRequest) }, nextOf),
    // Nobody waits for a bell any more that rings by itself.
    ring: handlers.object.shared({}, async () => {}),
    ask: handlers.object.exclusive(hidden, askQuestions),
    answer: handlers.object.exclusive(
      { input: jsonSerde(answer), hooks: [ignoreCallHeader] },
      answerQuestion,
    ),
    close: handlers.object.exclusive(hidden, closeQuestions),
    approvals: handlers.object.shared({}, async (ctx: ObjectSharedContext) =>
      Object.values(await questionsOf(ctx)),
    ),
    wait: handlers.object.exclusive(hidden, waitFor),
    resolve: handlers.object.exclusive({ input: jsonSerde(resolution), hooks: [ignoreCallHeader] }, resolve),
    [CALL_APPROVED]: handlers.object.shared(hidden, callApproved),
    forget: handlers.object.exclusive(hidden, forget),
    keep: handlers.object.exclusive(hidden, async (ctx: ObjectContext, events: RunEvent[]) =>
      ctx.set("events", events),
    ),
    read: handlers.object.shared(
      hidden,
      async (ctx: ObjectSharedContext) => (await ctx.get<RunEvent[]>("events")) ?? [],
    ),
    forgetArchive: handlers.object.exclusive(hidden, async (ctx: ObjectContext) => ctx.clearAll()),
  },
  // What was told is in the state; nobody looks at the journals.
  options: { journalRetention: { seconds: 0 } },
});
