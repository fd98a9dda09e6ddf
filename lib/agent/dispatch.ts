import {
  type Context,
  type InvocationPromise,
  RestatePromise,
  serde,
  type TerminalError,
  TimeoutError,
} from "@restatedev/restate-sdk/lambda";
import { CALL_BOUNDS } from "../tool/call-bounds.ts";
import { originHeaders } from "../tool/call-origin.ts";
import { scopeOf } from "../tool/flow-control.ts";
import type { ToolResult } from "../tool/index.ts";
import type { SoundCall } from "./checked.ts";
import { type CallResult, settled } from "./results.ts";
import type { SubAgentInput } from "./sub-agent.ts";

/** How long after a call's timeout its tool may still begin, in ms: the agent may have issued the call later than it knows. */
const GIVE_UP_MARGIN_MS = 60_000;

/** How the calls of a run are executed. */
export interface DispatchOptions {
  /** F7: calls in flight at once; undefined: all. */
  maxConcurrency: number | undefined;
  /** When the calls are issued, ms since the epoch, as far as the journal says. */
  now: number;
  /** F11: the run's deadline, ms since the epoch; no call is waited for any longer. Infinity without one. */
  deadlineAt: number;
  /** F9: bytes that one result may take in the run's journal; tools cut to it where it is below their own limit. */
  maxResultBytes: number;
  /** How many agents are above this run. */
  depth: number;
  /** What a sub-agent may still use of the run's limits. */
  limitsLeft: NonNullable<SubAgentInput["limits"]>;
}

type Outcome = PromiseSettledResult<ToolResult>;
type Issued = SoundCall & { invocation: InvocationPromise<ToolResult>; timeoutMs: number };

/** Runs independent calls at the same time. @returns their results, in the order of the calls. */
export async function runTogether(
  ctx: Context,
  calls: readonly SoundCall[],
  options: DispatchOptions,
): Promise<CallResult[]> {
  const { maxConcurrency = calls.length } = options;
  const issue = (sound: SoundCall) => invoke(ctx, sound, options);
  return calls.length <= maxConcurrency
    ? await allAtOnce(ctx, calls.map(issue))
    : await sliding(ctx, calls, issue, maxConcurrency);
}

/**
 * Awaits ONE combinator: with a single wrapper per call, inside `allSettled`, the server wakes the agent once, when the
 * last call is done.
 */
async function allAtOnce(ctx: Context, issued: readonly Issued[]): Promise<CallResult[]> {
  // F2: all of them, so that a failure leaves its siblings alone. F13: a cancelled run throws here, and nobody catches it.
  const outcomes = await RestatePromise.allSettled(issued.map(withTimeout));
  const results: CallResult[] = [];
  for (const [index, one] of issued.entries()) {
    results.push(await conclude(ctx, one, outcomes[index] as Outcome));
  }
  return results;
}

/** F7: keeps at most `size` calls in flight: each one that ends lets the next begin, which wakes the agent once per call. */
async function sliding(
  ctx: Context,
  calls: readonly SoundCall[],
  issue: (sound: SoundCall) => Issued,
  size: number,
): Promise<CallResult[]> {
  const results: CallResult[] = [];
  const inFlight = new Map<number, RestatePromise<{ index: number; issued: Issued; outcome: Outcome }>>();
  let next = 0;
  while (next < calls.length || inFlight.size > 0) {
    while (inFlight.size < size && next < calls.length) {
      const index = next++;
      const issued = issue(calls[index] as SoundCall);
      inFlight.set(
        index,
        withTimeout(issued).map((value, reason) => ({ index, issued, outcome: toOutcome(value, reason) })),
      );
    }
    const { index, issued, outcome } = await RestatePromise.race([...inFlight.values()]);
    inFlight.delete(index);
    // F1: in the order of the calls, not of their ends.
    results[index] = await conclude(ctx, issued, outcome);
  }
  return results;
}

function toOutcome(value: ToolResult | undefined, reason: TerminalError | undefined): Outcome {
  return reason ? { status: "rejected", reason } : { status: "fulfilled", value: value as ToolResult };
}

/**
 * A call's result. F4: when it timed out nobody waits for it any longer, so nothing of it may go on; its id is in the
 * journal already, so cancelling it wakes nobody.
 */
async function conclude(
  ctx: Context,
  { call, invocation, timeoutMs }: Issued,
  outcome: Outcome,
): Promise<CallResult> {
  const timedOut = outcome.status === "rejected" && outcome.reason instanceof TimeoutError;
  if (timedOut) ctx.invocation(await invocation.invocationId).cancel();
  return settled(call, outcome, timeoutMs);
}

/** F4: the timeout is durable, and counts retries and queueing. */
function withTimeout({ invocation, timeoutMs }: Issued): RestatePromise<ToolResult> {
  return invocation.orTimeout(timeoutMs);
}

function forSubAgent(input: unknown, { depth, limitsLeft }: DispatchOptions): SubAgentInput {
  return { ...(input as { message: string }), limits: limitsLeft, depth: depth + 1 };
}

/** Output is plain JSON here: the tool has checked it, and a schema that throws while the journal is read would never end. */
function invoke(ctx: Context, { call, tool }: SoundCall, options: DispatchOptions): Issued {
  const { now, deadlineAt, maxResultBytes } = options;
  const contractMs = tool.timeout.seconds * 1000;
  const timeoutMs = Math.min(contractMs, Math.max(0, deadlineAt - now));
  const invocation = ctx.genericCall<unknown, ToolResult>({
    service: tool.name,
    method: tool.handler ?? "run",
    parameter: tool.handler === "call" ? forSubAgent(call.input, options) : call.input,
    inputSerde: serde.json,
    outputSerde: serde.json,
    name: call.id,
    headers: {
      ...originHeaders(ctx.request(), call.id),
      [CALL_BOUNDS.giveUpAt]: String(now + timeoutMs + GIVE_UP_MARGIN_MS),
      ...(timeoutMs < contractMs && { [CALL_BOUNDS.timeoutMs]: String(timeoutMs) }),
      ...(maxResultBytes < tool.maxResultBytes && { [CALL_BOUNDS.maxResultBytes]: String(maxResultBytes) }),
    },
    ...scopeOf(tool.name),
  });
  return { call, tool, invocation, timeoutMs };
}
