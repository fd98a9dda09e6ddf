import { serve } from "@hono/node-server";
import { Hono } from "hono";
import * as z from "zod";

/** A span as it arrived. */
export interface ReceivedSpan {
  /** The function that sent it. */
  function: string;
  traceId: string;
  spanId: string;
  /** Empty for the first of a trace. */
  parentSpanId: string;
  name: string;
  startedAt: number;
  endedAt: number;
  attributes: Record<string, unknown>;
  failed: boolean;
}

/** A collector of OpenTelemetry's on loopback: it keeps what it is sent. */
export interface Collector {
  url: string;
  spans: ReceivedSpan[];
  /** Every body, verbatim. */
  bodies: string[];
  stop(): Promise<void>;
}

const single = z
  .union([
    z.object({ stringValue: z.string() }),
    z.object({ intValue: z.number() }),
    z.object({ doubleValue: z.number() }),
  ])
  .transform((value) => Object.values(value)[0]);
const list = z.object({ arrayValue: z.object({ values: z.array(single) }) });
const attribute = z.object({
  key: z.string(),
  value: z.union([single, list.transform(({ arrayValue }) => arrayValue.values)]),
});
const attributes = z
  .array(attribute)
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value])));
const ms = z.union([z.string(), z.number()]).transform((nanoseconds) => Number(nanoseconds) / 1e6);
const ERROR = 2;

/** What of an OTLP request is read. @see https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
const request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: z.string().length(32),
              spanId: z.string().length(16),
              parentSpanId: z.string().default(""),
              name: z.string(),
              startTimeUnixNano: ms,
              endTimeUnixNano: ms,
              attributes,
              status: z.object({ code: z.int() }),
            }),
          ),
        }),
      ),
    }),
  ),
});

export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const app = new Hono().post("/v1/traces", async (c) => {
    const body = await c.req.text();
    bodies.push(body);
    for (const { resource, scopeSpans } of request.parse(JSON.parse(body)).resourceSpans) {
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        const { startTimeUnixNano, endTimeUnixNano, status, ...rest } = span;
        spans.push({
          ...rest,
          function: String(resource.attributes["service.name"]),
          startedAt: startTimeUnixNano,
          endedAt: endTimeUnixNano,
          failed: status.code === ERROR,
        });
      }
    }
    return c.json({});
  });
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 });
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the collector has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    bodies,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}
