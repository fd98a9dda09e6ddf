import type { Context } from "@restatedev/restate-sdk/lambda";
import type { Tool } from "../tool/index.ts";
import { checkCall, identity, type SoundCall } from "./checked.ts";
import { type DispatchOptions, runTogether } from "./dispatch.ts";
import type { Call } from "./models/seam.ts";
import { type CallResult, latestEnd, refused } from "./results.ts";

export interface FanOutOptions extends DispatchOptions {
  /** F11: how many of the calls may be made; the others are refused. */
  maxCalls: number;
}

const OVER_LIMIT = "Not called: the run has reached its limit of tool calls.";

/**
 * Executes the calls of one turn, each as a durable call of its tool's service. The agent's function suspends while the
 * tools work and resumes once per group of calls.
 * @returns one result per call, in the order of the calls (F1), and when the last call ended.
 */
export async function fanOut(
  ctx: Context,
  tools: readonly Tool[],
  calls: readonly Call[],
  options: FanOutOptions,
): Promise<{ results: CallResult[]; endedAt: number }> {
  const checked = calls.map((call, index) =>
    index < options.maxCalls
      ? checkCall(tools, call, options.depth)
      : refused(call, "over-limit", OVER_LIMIT),
  );
  const results = new Map(checked.filter(isRefused).map((result) => [result.call, result]));
  let endedAt = options.now;
  for (const group of groupByEffect(checked.filter(isSound))) {
    const distinct = withoutRepeats(group);
    const distinctResults = await runTogether(ctx, [...distinct.values()], { ...options, now: endedAt });
    endedAt = latestEnd(distinctResults, endedAt);
    const byIdentity = new Map([...distinct.keys()].map((key, index) => [key, distinctResults[index]]));
    for (const { call } of group)
      results.set(call, { ...(byIdentity.get(identity(call)) as CallResult), call });
  }
  // F1: whatever came of a call and in whichever order they ended.
  return { results: calls.map((call) => results.get(call) as CallResult), endedAt };
}

const isRefused = (checked: SoundCall | CallResult): checked is CallResult => "status" in checked;
const isSound = (checked: SoundCall | CallResult): checked is SoundCall => !isRefused(checked);

/** F5: reads run together; a write runs alone, after every call before it and before every call after it. */
function groupByEffect(calls: readonly SoundCall[]): SoundCall[][] {
  const groups: SoundCall[][] = [];
  for (const sound of calls) {
    const last = groups.at(-1);
    const joins = sound.tool.effect === "read" && last?.[0]?.tool.effect === "read";
    if (joins) last?.push(sound);
    else groups.push([sound]);
  }
  return groups;
}

/** F6: of identical reads, the first; a group with a write has only that one call. */
function withoutRepeats(group: readonly SoundCall[]): Map<string, SoundCall> {
  const distinct = new Map<string, SoundCall>();
  for (const sound of group) {
    const key = identity(sound.call);
    if (!distinct.has(key)) distinct.set(key, sound);
  }
  return distinct;
}
