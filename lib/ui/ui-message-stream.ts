import type { RunEvent } from "../events/index.ts";
import type { Chunk } from "./call-parts.ts";
import { MessageChunks } from "./message-chunks.ts";

/**
 * A run as one message of the AI SDK's UI: what `useChat` reads, and `createUIMessageStreamResponse` sends. Each turn is a step, each
 * call a tool part of its own, whatever the order in which calls end. A sub-agent's calls are tool parts too; their ids and
 * their `toolMetadata.path` say whose they are. A call that waits for an approval is a part in the AI SDK's own states for that, and
 * what a part of a composite waits for is a `data-approval` part; the answers go to the run, and come back in its events.
 * @param events all of the run's, from the first on, as `readEvents` of `fanout/client` yields them, or alone: who rejoins gets the
 * message anew, which is what `useChat` expects.
 * @param messageId makes who rejoins find the message; the run's id is a good one. Default: whoever reads it chooses.
 * @see https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
 */
export function toUIMessageStream(
  events: AsyncIterable<RunEvent | { event: RunEvent }>,
  { messageId }: { messageId?: string } = {},
): ReadableStream<Chunk> {
  return streamOf(chunksOf(events, messageId));
}

/** As `ReadableStream.from`, which not every browser has. */
function streamOf<T>(items: AsyncGenerator<T, void>): ReadableStream<T> {
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const { done, value } = await items.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await items.return();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* chunksOf(
  events: AsyncIterable<RunEvent | { event: RunEvent }>,
  messageId?: string,
): AsyncGenerator<Chunk> {
  // At once: nothing is told before the model has answered for the first time.
  yield { type: "start", ...(messageId !== undefined && { messageId }) };
  const message = new MessageChunks();
  for await (const one of events) yield* message.add("event" in one ? one.event : one);
  yield* message.breakOff();
}
