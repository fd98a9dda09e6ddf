import type { ChatCompletionRequest } from "@copilotkit/aimock";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Cluster, MODES, type Mode } from "./support/cluster.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./support/collector.ts";
import { answer, calls, type Script, replies } from "./support/script.ts";
import { startWarmCluster } from "./support/warm-cluster.ts";

/** A parent that asks a sub-agent and a tool at once; the sub-agent asks a tool, a composite and a writing tool. */
const family: Script = (request: ChatCompletionRequest) =>
  JSON.stringify(request.messages).includes("You are the parent.")
    ? replies(
        calls(
          { id: "sub", name: "TestAgent", input: { message: "Look." } },
          { id: "read", name: "gate", input: { id: "a" } },
        ),
        answer("done"),
      )(request)
    : replies(
        calls(
          { id: "parts", name: "composite", input: { ids: ["p", "q"] } },
          { id: "steps", name: "steps", input: { numbers: [1, 2] } },
          { id: "write", name: "record", input: { id: "w" } },
        ),
        answer("done"),
      )(request);

/** The spans as a tree: each one's name, and below it its children in the order of their begin. */
type Tree = { [name: string]: Tree };

function tree(spans: readonly ReceivedSpan[], parent = ""): [string, ...unknown[]][] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .map((span): [string, ...unknown[]] => [span.name, ...tree(spans, span.spanId)])
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

describe.each(Object.keys(MODES) as Mode[])("on %s", (mode) => {
  let collector: Collector;
  let cluster: Cluster;
  beforeAll(async () => {
    collector = await startCollector();
    cluster = await startWarmCluster(mode, {
      settingsOfAll: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    });
  });
  afterAll(async () => {
    await cluster?.stop();
    await collector?.stop();
  });
  beforeEach(() => {
    cluster.gate.use(() => {});
    collector.spans.length = 0;
  });

  test("a run is one trace", async () => {
    await cluster.use(family);
    const { status } = await cluster.call("/restate/call/ParentAgent/run", { message: "Go." });
    expect(status).toBe(200);
    await expect.poll(() => collector.spans.map(({ name }) => name)).toContain("invoke_agent ParentAgent");
    console.log(JSON.stringify(tree(collector.spans), null, 1));
    console.log(collector.bodies.at(-1));
  });
});
