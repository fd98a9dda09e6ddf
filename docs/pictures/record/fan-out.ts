import type { ReceivedSpan } from "../../../test/support/collector.ts";
import type { FanOut, Span } from "../fan-out.ts";
import { AGENT, type Platform, QUESTION, withPlatform } from "./platform.ts";

/** Runs before the recorded one, so that no function has to start. */
const WARM_UP_RUNS = 2;

/** Asks the agent, and keeps when each function was at work. */
export const recordFanOut = (): Promise<FanOut> => withPlatform(record);

async function record(platform: Platform): Promise<FanOut> {
  const { spans, begin, ended } = platform;
  for (let run = 0; run < WARM_UP_RUNS; run++) await ended(await begin());
  spans.length = 0;
  const { toolCalls } = await ended(await begin());
  const called = (name: string) =>
    spans.filter((span) => span.name === name).sort((a, b) => a.startedAt - b.startedAt);
  const awake = called(`attempt ${AGENT}/run`);
  const begunAt = awake[0]?.startedAt ?? 0;
  const since = ({ startedAt, endedAt }: ReceivedSpan): Span => ({
    from: Math.round(startedAt - begunAt),
    to: Math.round(endedAt - begunAt),
  });
  const calls = toolCalls.flatMap(({ id, tool, input }) => {
    const call = spans.find(({ attributes }) => attributes["gen_ai.tool.call.id"] === id);
    const attempt = spans.find(
      ({ parentSpanId, name }) => parentSpanId === call?.spanId && name === `attempt ${tool}/run`,
    );
    return call && attempt ? [{ tool, input, issued: since(call).from, ...since(attempt) }] : [];
  });
  return {
    question: QUESTION,
    agent: AGENT,
    awake: awake.map(since),
    model: spans
      .filter(({ name }) => name.startsWith("chat "))
      .map(since)
      .sort((a, b) => a.from - b.from),
    calls,
  };
}
