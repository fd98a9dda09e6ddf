import { isMeasuring } from "./metrics.ts";
import { isTracing } from "./tracing.ts";

export { traceAttempts } from "./attempts.ts";
export { deriveSpanId, deriveTraceId, type Place, parseTraceparent, type Trace } from "./ids.ts";
export { emitMetrics, METRICS, METRICS_BY_SERVICE, type MetricName, NAMESPACE } from "./metrics.ts";
export { inSpan, recordSpan, TRACING_SETTINGS, withTracing } from "./tracing.ts";

/** Whether anything is told at all. Nothing durable may depend on it. */
export const isTelling = isTracing || isMeasuring;
