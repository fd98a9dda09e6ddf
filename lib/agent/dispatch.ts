import { type Context, RestatePromise, type TerminalError } from "@restatedev/restate-sdk/lambda";
import {
  type CallReport,
  type CallResult,
  cancelAll,
  DurableCall,
  orCancelled,
  settleTogether,
  timeoutWithApproval,
} from "../call/index.ts";
import { type RunLog, watchField } from "../events/index.ts";
import { isTelling } from "../telemetry/index.ts";
import type { SoundCall } from "./checked.ts";
import type { LimitsLeft } from "./limits.ts";
import type { Call } from "./models/seam.ts";
import { settled } from "./results.ts";
import { isSubAgent, type SubAgentInput } from "./sub-agent.ts";
import { tellCalls } from "./tell-calls.ts";
import { tellIssued } from "./watched.ts";

/** How long after a call's timeout its tool may still begin, in ms: the agent may have issued the call later than it knows. */
const GIVE_UP_MARGIN_MS = 60_000;

/** How the calls of a run are executed. */
export interface DispatchOptions {
  /** F7: calls in flight at once; undefined: all. */
  maxParallelCalls: number | undefined;
  /** When the calls are issued, ms since the epoch, as far as the journal says. */
  now: number;
  /** F11: the run's deadline, ms since the epoch; no call is waited for any longer. Infinity without one. */
  deadlineAt: number;
  /** F9: bytes that one result may take in the run's journal; tools cut to it where it is below their own limit. */
  maxResultBytes: number;
  /** How many agents are above this run. */
  depth: number;
  /** What a sub-agent may still use of the run's limits. */
  limitsLeft: LimitsLeft;
  /** What is told of the run. */
  told: RunLog;
}

type Outcome = PromiseSettledResult<CallReport>;
type Issued = SoundCall & { durable: DurableCall<CallReport> };

/** A call, and what it comes to when it ends. */
interface InFlight {
  durable: DurableCall<CallReport>;
  ended: RestatePromise<{ index: number; issued: Issued; outcome: Outcome }>;
}

/** Runs independent calls at the same time. @returns their results, in the order of the calls. */
export async function runTogether(
  ctx: Context,
  calls: readonly SoundCall[],
  options: DispatchOptions,
): Promise<CallResult[]> {
  const { maxParallelCalls = calls.length } = options;
  const issued: Issued[] = [];
  const issue = (sounds: readonly SoundCall[]) => {
    tellIssued(
      options.told,
      sounds.flatMap(({ call, isIssued }) => (isIssued ? [] : [call])),
      options.now,
    );
    // Before they are issued, so that nobody hears of an end without a begin.
    options.told.flush();
    const some = sounds.map((sound) => issueCall(ctx, sound, options));
    issued.push(...some);
    return some;
  };
  const bounded = calls.filter((sound) => isBounded(sound, maxParallelCalls)).length;
  const results =
    bounded <= maxParallelCalls
      ? await allAtOnce(ctx, issue(calls))
      : await sliding(ctx, calls, issue, maxParallelCalls);
  if (isTelling) await tellCalls(ctx, issued, results, options.now);
  return results;
}

/** Wakes the agent once, when the last call has ended. */
async function allAtOnce(ctx: Context, issued: readonly Issued[]): Promise<CallResult[]> {
  const durable = issued.map((one) => one.durable);
  const outcomes = await settleTogether(ctx, durable);
  return issued.map(({ call, durable: { timeoutMs } }, index) =>
    settled(call, outcomes[index] as Outcome, timeoutMs),
  );
}

/** F7: one that waits for a person does not hold back others, unless calls are to run one after another. */
const isBounded = ({ approval }: SoundCall, size: number) => approval === undefined || size === 1;

/** F7: keeps at most `size` calls in flight: each one that ends lets the next begin, which wakes the agent once per call. */
async function sliding(
  ctx: Context,
  calls: readonly SoundCall[],
  issue: (sounds: readonly SoundCall[]) => Issued[],
  size: number,
): Promise<CallResult[]> {
  const results: CallResult[] = [];
  const inFlight = new Map<number, InFlight>();
  const [waiting, free] = split([...calls.keys()], (index) => isBounded(calls[index] as SoundCall, size));
  const begin = (indices: readonly number[]) => {
    for (const [at, issued] of issue(indices.map((index) => calls[index] as SoundCall)).entries()) {
      const index = indices[at] as number;
      const ended = issued.durable.withinTimeout().map((value, reason) => ({
        index,
        issued,
        outcome: toOutcome(value, reason),
      }));
      inFlight.set(index, { durable: issued.durable, ended });
    }
  };
  begin(free);
  while (waiting.length > 0 || inFlight.size > 0) {
    const running = [...inFlight.keys()].filter((index) => !free.includes(index)).length;
    begin(waiting.splice(0, size - running));
    const first = RestatePromise.race([...inFlight.values()].map(({ ended }) => ended));
    const { index, issued, outcome } = await orCancelled(ctx, first).catch((error) =>
      cancelAll(
        [...inFlight.values()].map(({ durable }) => durable),
        error,
      ),
    );
    inFlight.delete(index);
    await issued.durable.cancelIfTimedOut();
    // F1: in the order of the calls, not of their ends.
    results[index] = settled(issued.call, outcome, issued.durable.timeoutMs);
  }
  return results;
}

function split<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

function toOutcome(value: CallReport | undefined, reason: TerminalError | undefined): Outcome {
  return reason ? { status: "rejected", reason } : { status: "fulfilled", value: value as CallReport };
}

function issueCall(ctx: Context, { call, tool, approval }: SoundCall, options: DispatchOptions): Issued {
  const { now, deadlineAt, maxResultBytes } = options;
  const { seconds } = approval === undefined ? tool.timeout : timeoutWithApproval(tool);
  // F11: whoever approves a call has no more time than the run.
  const timeoutMs = Math.min(seconds * 1000, Math.max(0, deadlineAt - now));
  const durable = new DurableCall(ctx, tool, {
    id: call.id,
    input: call.input,
    rest: isSubAgent(tool) ? forSubAgent(call, options) : undefined,
    approval,
    timeoutMs,
    maxResultBytes,
    giveUpAt: now + timeoutMs + GIVE_UP_MARGIN_MS,
    header: watchField(options.told.watch),
    read: (report) => report,
  });
  return { call, tool, durable };
}

/** What a sub-agent is told beside the model's message. */
function forSubAgent({ id }: Call, { depth, limitsLeft, told }: DispatchOptions): Partial<SubAgentInput> {
  const watch = told.watch && { ...told.watch, path: [...told.watch.path, id] };
  return { limits: limitsLeft, depth: depth + 1, ...(watch && { watch }) };
}
