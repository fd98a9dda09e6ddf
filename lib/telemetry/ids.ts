/** The trace that a span belongs to. */
export interface Trace {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** Whether its spans are recorded: only whoever began the trace can say no. */
  sampled: boolean;
}

/** One span of a trace. */
export interface Place extends Trace {
  /** 16 hexadecimal digits. */
  spanId: string;
}

/**
 * The id of a trace or a span is made of an invocation's id: every attempt of every function finds the same one, and nothing has to
 * be kept or sent for it. A span that is told twice, because the response that followed was lost, is one span to most backends.
 */
const hex = (text: string, bytes: number) =>
  // Loaded when it is needed: it takes 5 ms, and a function that tells nothing does without it.
  process
    .getBuiltinModule("node:crypto")
    .createHash("sha256")
    .update(text)
    .digest("hex")
    .slice(0, 2 * bytes);

/** @param run the id of the invocation that a person began. */
export const deriveTraceId = (run: string): string => hex(`trace ${run}`, 16);

/**
 * The span of an invocation: of a tool's or an agent's call as its caller sees it, or of an agent's run.
 * @param invocation Restate's id of it.
 */
export const deriveSpanId = (kind: "call" | "run", invocation: string): string =>
  hex(`${kind} ${invocation}`, 8);

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** Reads the header with which a caller says of which of its spans this is a part; undefined where it is missing or unreadable. */
export function parseTraceparent(header: string | undefined): Place | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(header ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
