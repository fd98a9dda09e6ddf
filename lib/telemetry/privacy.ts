import type { Attributes } from "@opentelemetry/api";
import type { UndiciRequest } from "@opentelemetry/instrumentation-undici";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";

/** What an outgoing request's span says of its URL: a query may hold keys and inputs. */
export function withoutQuery({ origin, path }: UndiciRequest): Attributes {
  const [head = ""] = path.split("?", 1);
  return { "url.full": `${origin}${head}`, "url.query": "" };
}

/** Sends spans without the messages of their errors, which may repeat what a person or a model wrote. */
export function withoutWords(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(silent), done),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

/** Fields of an exception's event that say more than its class. */
const WORDS = ["exception.message", "exception.stacktrace"];

function silent(span: ReadableSpan): ReadableSpan {
  const events = span.events.map((event) => ({
    ...event,
    attributes: Object.fromEntries(
      Object.entries(event.attributes ?? {}).filter(([name]) => !WORDS.includes(name)),
    ),
  }));
  // A view of it: the span itself may still be shown elsewhere.
  return Object.create(span, { events: { value: events }, status: { value: { code: span.status.code } } });
}
