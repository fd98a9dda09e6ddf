import type { Request } from "@restatedev/restate-sdk/lambda";
import { deriveSpanId, deriveTraceId, type Place, parseTraceparent, type Trace } from "../telemetry/index.ts";
import { callField, invocationField } from "./call-header.ts";
import { CALL_APPROVED, TOPIC } from "./run-object.ts";

type Invocation = Pick<Request, "id" | "headers">;

/** The handler of every tool's service, and who makes a call for it; an agent's `run` is a call of nobody's. */
const OF_CALLS = ["run", CALL_APPROVED];

/** The invocation with which a run or a call began that may have gone on in another one. */
export const beganAs = (invocation: Invocation): string =>
  invocationField(invocation.headers, "of") ?? invocation.id;

/** What a call carries of a trace that began outside, with the person's own program; undefined without one. */
export function outerTrace(invocation: Invocation): string | undefined {
  if (invocationField(invocation.headers, "run") !== undefined) return callField(invocation.headers, "trace");
  const parent = traceparentOf(invocation);
  return parent && `${parent.traceId}-0${Number(parent.sampled)}`;
}

const traceparentOf = ({ headers }: Invocation) => parseTraceparent(headers.get("traceparent"));

/** The trace of the run that an invocation is part of: the same for all of them. */
function traceOf(invocation: Invocation): Trace {
  const [, traceId, sampled] = /^([0-9a-f]{32})-0([01])$/.exec(outerTrace(invocation) ?? "") ?? [];
  if (traceId !== undefined) return { traceId, sampled: sampled === "1" };
  return {
    traceId: deriveTraceId(invocationField(invocation.headers, "run") ?? invocation.id),
    sampled: true,
  };
}

/** The span of an agent's run, in all the invocations that it takes. */
export const runSpan = (invocation: Invocation): Place => ({
  ...traceOf(invocation),
  spanId: deriveSpanId("run", beganAs(invocation)),
});

/** The span of a call, as its caller sees it. @param callee the invocation that was called. */
export const callSpan = (invocation: Invocation, callee: string = beganAs(invocation)): Place => ({
  ...traceOf(invocation),
  spanId: deriveSpanId("call", callee),
});

/** What the span of an agent's run is part of: the call of it, or a person's own span; undefined if it is the first. */
export function aboveRun(invocation: Invocation): string | undefined {
  return invocationField(invocation.headers, "run") === undefined
    ? traceparentOf(invocation)?.spanId
    : callSpan(invocation, beganAs(invocation)).spanId;
}

/** What the span of a call is part of that its own service tells of; undefined if its caller does. */
export function aboveCall(invocation: Invocation): string | undefined {
  const by = invocationField(invocation.headers, "by");
  if (by === undefined) return undefined;
  // An agent of somebody's own begins a run; whoever else makes such calls is a composite, and was called itself.
  return deriveSpanId(by === invocationField(invocation.headers, "run") ? "run" : "call", by);
}

/** What the attempts of an invocation are part of; undefined for what is only told or asked of a run. */
export function aboveAttempts(request: Request): Place | undefined {
  if (request.target.service === TOPIC && request.target.handler !== CALL_APPROVED) return undefined;
  const isTool =
    OF_CALLS.includes(request.target.handler) && invocationField(request.headers, "run") !== undefined;
  return isTool ? callSpan(request) : runSpan(request);
}
