import type { Trace } from "./ids.ts";

/** What a span says. It never has inputs, outputs or messages. */
export interface SpanDescription {
  name: string;
  kind: "internal" | "client";
  /** Those that are undefined are left out. */
  attributes: Readonly<Record<string, string | number | string[] | undefined>>;
  /** Why it failed, as a class of errors: `timeout`, `ModelError`. Default: it did not. */
  errorType?: string | undefined;
}

/** A span whose begin and end are known when it is told. */
export interface EndedSpan extends SpanDescription {
  trace: Trace;
  spanId: string;
  /** Default: it has none. */
  parentSpanId?: string | undefined;
  /** ms since the epoch. Default: when it ended. */
  startedAt?: number | undefined;
  /** Default: now. */
  endedAt?: number | undefined;
}
