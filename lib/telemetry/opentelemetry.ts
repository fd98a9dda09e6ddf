import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
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
import type { Hooks, Request } from "@restatedev/restate-sdk/lambda";
import type { Place } from "./ids.ts";
import { withoutQuery, withoutWords } from "./privacy.ts";
import type { EndedSpan, SpanDescription } from "./span.ts";

/** How long an answer waits for its spans to be sent, in ms: a collector beside the function takes a few. */
const FLUSH_MS = 2000;
/** A collector that takes longer than this is late, in ms. */
const LATE_MS = 1000;
/** How long nobody waits after a collector was late, in ms. */
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

/**
 * A span for an attempt, and one for each durable step that it executes: named and described as Restate's own package for
 * OpenTelemetry does it, which would bring the SDK into this code a second time and so make every cold start parse it twice.
 * @param parentOf what the attempt is part of; undefined: it gets no span. Asked when the handler begins: until then a hook may drop what a caller from outside has sent.
 * @param isWaiting whether an error only says that the attempt ends because the invocation waits.
 * @see https://github.com/restatedev/sdk-typescript, packages/libs/restate-sdk-opentelemetry
 */
export function attemptHooks(
  { id, target }: Request,
  parentOf: () => Place | undefined,
  isWaiting: (error: unknown) => boolean,
): Hooks {
  let attempt = context.active();
  let isTraced = true;
  const inside = (name: string, attributes: Attributes, next: () => Promise<void>, parent: Context) => {
    const span = tracer.startSpan(name, { attributes }, parent);
    const own = trace.setSpan(parent, span);
    if (parent !== attempt) attempt = own;
    return context.with(own, async () => {
      try {
        await next();
      } catch (error) {
        if (!isWaiting(error)) describe(span, { attributes: {}, errorType: typeOf(error) });
        throw error;
      } finally {
        span.end();
      }
    });
  };
  return {
    interceptor: {
      handler: (next) => {
        const attributes = { "restate.invocation.id": id, "restate.invocation.target": String(target) };
        const parent = parentOf();
        isTraced = parent !== undefined;
        return parent ? inside(`attempt ${target}`, attributes, next, within(parent)) : next();
      },
      run: (name, next) =>
        isTraced ? inside(`run (${name})`, { "restate.run.name": name }, next, attempt) : next(),
    },
  };
}

const within = ({ traceId, spanId, sampled }: Place): Context =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number(sampled), isRemote: true });

const typeOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

export function record({ trace: { traceId, sampled }, spanId, parentSpanId, ...span }: EndedSpan): void {
  if (!sampled) return;
  const { endedAt = Date.now(), startedAt = endedAt } = span;
  const parent =
    parentSpanId === undefined ? ROOT_CONTEXT : within({ traceId, spanId: parentSpanId, sampled });
  const begun = ids.during({ traceId, spanId }, () =>
    tracer.startSpan(span.name, { kind: kindOf(span), startTime: new Date(startedAt) }, parent),
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
      describe(span, { attributes: {}, errorType: typeOf(error) });
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

/** Sends what has been recorded; waits for that only as long as the collector has been in time. Never rejects. */
export async function flush(): Promise<void> {
  const begun = Date.now();
  // An exporter that cannot reach its collector tries until its time is over, and then says nothing.
  const sent = provider.forceFlush({ timeoutMillis: FLUSH_MS }).catch(() => {});
  if (begun < patientFrom) return;
  await sent;
  if (Date.now() - begun > LATE_MS) patientFrom = Date.now() + PATIENCE_LOST_MS;
}
