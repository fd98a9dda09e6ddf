import type { Context } from "@restatedev/restate-sdk/lambda";
import type { CallResult } from "../call/index.ts";
import type { Tool } from "../tool/index.ts";
import { askAhead, markApprovals } from "./approvals.ts";
import { identity } from "./call-identity.ts";
import { checkCall, type SoundCall } from "./checked.ts";
import { type DispatchOptions, runTogether } from "./dispatch.ts";
import type { Call } from "./models/seam.ts";
import { latestEnd, refused } from "./results.ts";
import { tellRefused } from "./tell-calls.ts";
import { tellEnded, tellIssued } from "./watched.ts";

export interface FanOutOptions extends DispatchOptions {
  /** F11: how many of the calls may be made; the others are refused. */
  maxCalls: number;
  /** Whether somebody must approve every write, whatever its contract says. */
  writesNeedApproval: boolean;
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
  tellRefused(ctx, checked.filter(isRefused), options.now);
  tellIssued(options.told, checked.filter(isRefused), options.now);
  tellEnded(options.told, checked.filter(isRefused), options.now);
  const results = new Map<SoundCall, CallResult>();
  let endedAt = options.now;
  const groups = groupByEffect(checked.filter(isSound));
  const firsts = groups.map(withoutRepeats);
  markApprovals(ctx, firsts.flat(), options);
  const takeBack = askAhead(ctx, firsts.slice(1).flat(), options);
  for (const [index, group] of groups.entries()) {
    const first = firsts[index] as SoundCall[];
    tellIssued(
      options.told,
      group.filter((sound) => !first.includes(sound)).map(({ call }) => call),
      endedAt,
    );
    const distinct = await runTogether(ctx, first, { ...options, now: endedAt }).catch(takeBack);
    endedAt = latestEnd(distinct, endedAt);
    const ofTheSame = new Map(distinct.map((result) => [identity(result), result]));
    for (const sound of group)
      results.set(sound, { ...(ofTheSame.get(identity(sound.call)) as CallResult), ...sound.call });
    tellEnded(
      options.told,
      group.map((sound) => results.get(sound) as CallResult),
      endedAt,
    );
  }
  // F1: whatever came of a call and in whichever order they ended.
  return {
    results: checked.map((one) => (isRefused(one) ? one : (results.get(one) as CallResult))),
    endedAt,
  };
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
function withoutRepeats(group: readonly SoundCall[]): SoundCall[] {
  const distinct = new Map<string, SoundCall>();
  for (const sound of group) {
    const key = identity(sound.call);
    if (!distinct.has(key)) distinct.set(key, sound);
  }
  return [...distinct.values()];
}
