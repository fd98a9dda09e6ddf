import { context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  type IdGenerator,
  RandomIdGenerator,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Hooks, HooksProvider } from "@restatedev/restate-sdk/lambda";
import { openTelemetryHook } from "@restatedev/restate-sdk-opentelemetry";
import type { Trace } from "./ids.ts";
import { withoutQuery, withoutWords } from "./privacy.ts";
import type { EndedSpan, SpanDescription } from "./span.ts";

/** How long an answer waits for its spans to be sent, in ms: a collector beside the function takes a few. */
const FLUSH_MS = 2000;
/** How long nobody waits after a collector took no spans in time, in ms. */
const PATIENCE_LOST_MS = 60_000;

/** Gives a span the ids that were derived for it; any other gets random ones. */
class DerivedIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #next: { traceId: string; spanId: string } | undefined;

  /** @param begin begins exactly one span. */
  during<T>(ids: { traceId: string; spanId: string }, begin: () => T): T {
    this.#next = ids;
    try {
      return begin();
    } finally {
      this.#next = undefined;
    }
  }

  generateTraceId(): string {
    return this.#next?.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#next?.spanId ?? this.#random.generateSpanId();
  }
}

const ids = new DerivedIds();
let provider: TracerProvider;
let tracer: Tracer;

/**
 * Begins to collect spans, for the collector that OpenTelemetry's own settings name.
 * @param name the function's.
 * @see https://opentelemetry.io/docs/specs/semconv/resource/faas/
 */
export function start({ name, version }: { name: string; version: string }): void {
  const own = resourceFromAttributes({ "service.name": name, "faas.name": name, "faas.version": version });
  const exporter = withoutWords(new OTLPTraceExporter({ timeoutMillis: FLUSH_MS }));
  provider = new TracerProvider({
    idGenerator: ids,
    resource: defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: FLUSH_MS })],
  });
  tracer = provider.getTracer("fanout");
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  // Requests by `fetch`, which is what tools and model providers use. Their own headers say nothing of the trace.
  new UndiciInstrumentation({ requireParentforSpans: true, startSpanHook: withoutQuery }).setTracerProvider(
    provider,
  );
}

/** Every attempt's span, by the SDK's own hook: it reads the parent from the headers, where ours is written. */
export function attemptHooks(
  ctx: Parameters<HooksProvider>[0],
  parentOf: () => Trace & { spanId: string },
): Hooks {
  let hooks: Hooks["interceptor"];
  return {
    interceptor: {
      // Not before the handler begins: until then a hook may drop what a caller from outside has sent.
      handler: async (next) => {
        const { traceId, spanId, sampled } = parentOf();
        const traceparent = `00-${traceId}-${spanId}-0${Number(sampled)}`;
        const request = Object.create(ctx.request, {
          attemptHeaders: { value: new Map([["traceparent", traceparent]]) },
        });
        hooks = openTelemetryHook({ tracer })({ ...ctx, request }).interceptor;
        await (hooks?.handler?.(next) ?? next());
      },
      run: async (name, next) => {
        await (hooks?.run?.(name, next) ?? next());
      },
    },
  };
}

export function record({ trace: { traceId, sampled }, spanId, parentSpanId, ...span }: EndedSpan): void {
  if (!sampled) return;
  const { endedAt = Date.now(), startedAt = endedAt } = span;
  const parent = trace.setSpanContext(context.active(), {
    traceId,
    spanId: parentSpanId ?? "",
    traceFlags: 1,
    isRemote: true,
  });
  const begun = ids.during({ traceId, spanId }, () =>
    tracer.startSpan(
      span.name,
      { kind: kindOf(span), startTime: new Date(startedAt), root: parentSpanId === undefined },
      parent,
    ),
  );
  describe(begun, span);
  begun.end(new Date(Math.max(startedAt, endedAt)));
}

export function inSpan<T>(
  description: SpanDescription,
  work: () => Promise<T>,
  describeEnd: (value: T) => SpanDescription["attributes"],
): Promise<T> {
  return tracer.startActiveSpan(description.name, { kind: kindOf(description) }, async (span) => {
    describe(span, description);
    try {
      const value = await work();
      describeSafely(() => describe(span, { attributes: describeEnd(value) }));
      return value;
    } catch (error) {
      describe(span, { attributes: {}, errorType: error instanceof Error ? error.name : typeof error });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Whatever it is, the work is done. */
function describeSafely(tell: () => void): void {
  try {
    tell();
  } catch {}
}

const kindOf = ({ kind }: SpanDescription) => (kind === "client" ? SpanKind.CLIENT : SpanKind.INTERNAL);

function describe(span: Span, { attributes, errorType }: Omit<SpanDescription, "name" | "kind">): void {
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) span.setAttribute(name, value);
  if (errorType === undefined) return;
  span.setAttribute("error.type", errorType);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

let patientFrom = 0;

/** Sends what has been recorded; waits for that only as long as a collector has been in time. Never rejects. */
export async function flush(): Promise<void> {
  const sent = provider.forceFlush({ timeoutMillis: FLUSH_MS }).catch(() => {
    patientFrom = Date.now() + PATIENCE_LOST_MS;
  });
  if (Date.now() >= patientFrom) await sent;
}
