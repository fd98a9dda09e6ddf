export { traceAttempts } from "./attempts.ts";
export { deriveSpanId, deriveTraceId, parseTraceparent, type Trace } from "./ids.ts";
export { emitMetrics, METRICS, type MetricName } from "./metrics.ts";
export { type EndedSpan, inSpan, isTracing, recordSpan, TRACING_SETTINGS, withTracing } from "./tracing.ts";
