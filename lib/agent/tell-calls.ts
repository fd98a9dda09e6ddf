import type { Context } from "@restatedev/restate-sdk/lambda";
import { type CallResult, type DurableCall, type EndedCall, isToldOf, tellCall } from "../call/index.ts";

/**
 * Tells traces and metrics of calls that have ended. It is durable that their ids are known by now: asking for them wakes nobody.
 * They are asked for in a replay too, so that both wait for the same.
 * @param issuedAt when they were issued, ms since the epoch.
 */
export async function tellCalls(
  ctx: Context,
  issued: readonly { durable: DurableCall<unknown> }[],
  results: readonly CallResult[],
  issuedAt: number,
): Promise<void> {
  for (const [index, { durable }] of issued.entries()) {
    const callee = await durable.result.invocationId;
    if (isToldOf(ctx)) tellCall(ctx, ended(results[index] as CallResult, issuedAt), { callee });
  }
}

/** Tells of calls that were never issued. @param now ms since the epoch, as far as the journal says. */
export function tellRefused(ctx: Context, refused: readonly CallResult[], now: number): void {
  if (!isToldOf(ctx)) return;
  for (const result of refused)
    tellCall(ctx, ended(result, now), { callee: `${ctx.request().id} ${result.id}` });
}

function ended(
  { id, tool, status, attempts, startedAt, durationMs }: CallResult,
  issuedAt: number,
): EndedCall {
  const begun = startedAt === null ? undefined : Date.parse(startedAt);
  return {
    id,
    tool,
    status,
    attempts,
    issuedAt,
    startedAt: begun,
    endedAt: (begun ?? issuedAt) + durationMs,
  };
}
