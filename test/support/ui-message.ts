import { readUIMessageStream } from "ai";
import { type RunMessage, toUIMessageStream } from "../../lib/ui/index.ts";
import { collect, events, type Told } from "./run-events.ts";

/** Every state that the AI SDK's own reader makes of a run's message. */
export async function states(...list: Told[]) {
  const errors: string[] = [];
  const stream = toUIMessageStream(events(...list), { messageId: "inv_1" });
  const messages = readUIMessageStream<RunMessage>({
    stream,
    onError: (error) => errors.push((error as Error).message),
  });
  return { states: await collect(messages), errors };
}

/** What it is in the end. */
export async function last(...list: Told[]) {
  const { states: all, errors } = await states(...list);
  return { ...all.at(-1), errors };
}
