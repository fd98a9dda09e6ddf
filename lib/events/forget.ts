import type { ObjectContext } from "@restatedev/restate-sdk/lambda";
import { lastAsked, questionsOf } from "./approvals.ts";
import { archiveOf, forgetLater, logOf, RETENTION, send } from "./log.ts";
import { lastPromised } from "./promises.ts";

/** Nobody waits longer for a run that says nothing: it was killed. */
const MAX_SILENCE_MS = 30 * 24 * 3_600_000;

/** Removes everything a day after the end of the run; looks again every day until then. */
export async function forget(ctx: ObjectContext): Promise<void> {
  const log = await logOf(ctx);
  const silentMs =
    (await ctx.date.now()) - Math.max(log.at, lastAsked(await questionsOf(ctx)), await lastPromised(ctx));
  // Of a run that nobody watches, there are only questions.
  const isOver = log.ended || log.next === 0;
  if (isOver ? silentMs < RETENTION.hours * 3_600_000 : silentMs < MAX_SILENCE_MS) return forgetLater(ctx);
  for (const chunk of log.archived) send(ctx, archiveOf(ctx.key, chunk), "forgetArchive", null);
  ctx.clearAll();
}
