import { readSetting } from "../runtime/index.ts";
import type { EndedSpan, SpanDescription } from "./span.ts";

/**
 * OpenTelemetry's own settings that a function takes; tracing is on where one of the first two has a value.
 * @see https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export const TRACING_SETTINGS = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_RESOURCE_ATTRIBUTES",
] as const;

/** Whether spans are recorded. Nothing that is durable may depend on it. */
export const isTracing = TRACING_SETTINGS.slice(0, 2).some((name) => readSetting(name, "") !== "");

type OpenTelemetry = typeof import("./opentelemetry.ts");

/** Loaded by the first invocation, and only where tracing is on: a cold start without it evaluates none of its code. */
let loaded: OpenTelemetry | undefined;

/** What is loaded; undefined where tracing is off or could not be loaded. */
export const openTelemetry = (): OpenTelemetry | undefined => loaded;

/** Makes a function's handler send its spans before it answers. Tracing that fails harms no run. */
export function withTracing<Event, LambdaContext, Answer>(
  handler: (event: Event, context: LambdaContext) => Promise<Answer>,
): (event: Event, context: LambdaContext) => Promise<Answer> {
  if (!isTracing) return handler;
  return async (event, context) => {
    loaded ??= await load();
    try {
      return await handler(event, context);
    } finally {
      await loaded?.flush();
    }
  };
}

async function load(): Promise<OpenTelemetry | undefined> {
  const setting = (name: string) => readSetting(name, "");
  // A file of its own in a bundle too, so that a cold start without tracing does not even read it.
  const file = `./opentelemetry${import.meta.url.slice(import.meta.url.lastIndexOf("."))}`;
  const module: OpenTelemetry | undefined = await import(new URL(file, import.meta.url).href).catch(
    () => undefined,
  );
  module?.start({
    name: setting("AWS_LAMBDA_FUNCTION_NAME"),
    version: setting("AWS_LAMBDA_FUNCTION_VERSION"),
  });
  return module;
}

/** Tells of a span after the fact. */
export function recordSpan(span: EndedSpan): void {
  loaded?.record(span);
}

/**
 * Does some work inside a span of its own, a part of the attempt that does it.
 * @param describeEnd what the span says at its end.
 */
export async function inSpan<T>(
  span: SpanDescription,
  work: () => Promise<T>,
  describeEnd: (value: T) => SpanDescription["attributes"],
): Promise<T> {
  return loaded ? loaded.inSpan(span, work, describeEnd) : work();
}
