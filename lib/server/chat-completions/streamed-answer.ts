import type { Context } from "hono";
import { FanoutError, outcomeOf } from "../../client/index.ts";
import type { RunEvent } from "../../events/index.ts";
import type { Env } from "../access.ts";
import { keptAlive, TIME_IS_UP } from "../event-stream.ts";
import { Behind } from "../feed.ts";
import type { Service } from "../service.ts";
import { type Asked, finishReasonOf, headOf, type RunEnd, usageOf } from "./completion.ts";
import { lateError, stillRunning } from "./errors.ts";
import { GrowingAnswer } from "./growing-answer.ts";
import { within } from "./within.ts";

/** How long nothing is sent, in ms, so that what an agent refuses at once has a status. */
const SILENCE_MS = 1_000;

/**
 * Answers with what a run says, while it says it.
 * @throws why the run failed, where that is known soon.
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 */
export async function streamAnswer(service: Service, c: Context<Env>, asked: Asked): Promise<Response> {
  const reading = new AbortController();
  const pieces = readAnswer(service, asked.run, reading.signal);
  const first = pieces.next();
  try {
    await failSoon(service, asked.run, first);
  } catch (error) {
    reading.abort();
    throw error;
  }
  const work: Parameters<typeof keptAlive>[2] = async (write, signal) => {
    signal.addEventListener("abort", () => reading.abort(signal.reason));
    try {
      await writeChunks(write, asked, { first, pieces });
    } catch (error) {
      // Whoever has gone reads nothing.
      if (signal.aborted && signal.reason !== TIME_IS_UP) return;
      const told = error === TIME_IS_UP ? stillRunning(asked.id) : lateError(error, service.onError);
      await write(toEvent({ error: told }));
    } finally {
      reading.abort();
    }
  };
  return keptAlive(c, "events", work, { seconds: service.streamSeconds, onEnd: asked.leave });
}

/** Waits until a run has said something, but not for long. @throws why it failed: a run that is refused says nothing. */
async function failSoon({ runs }: Service, run: string, first: Promise<unknown>): Promise<void> {
  const waiting = new AbortController();
  try {
    await within(SILENCE_MS, Promise.race([first, runs.result(run, waiting.signal)]));
  } finally {
    waiting.abort();
  }
}

type Pieces = AsyncGenerator<string, RunEnd, undefined>;

const toEvent = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;

async function writeChunks(
  write: (text: string) => Promise<void>,
  asked: Asked,
  { first, pieces }: { first: ReturnType<Pieces["next"]>; pieces: Pieces },
): Promise<void> {
  const usage = asked.includeUsage && { usage: null };
  const head = { ...headOf(asked), object: "chat.completion.chunk", ...usage };
  const say = (delta: object, finish_reason: string | null = null) =>
    write(toEvent({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason }] }));
  await say({ role: "assistant", content: "" });
  let piece = await first;
  for (; !piece.done; piece = await pieces.next()) await say({ content: piece.value });
  await say({}, finishReasonOf(piece.value));
  if (asked.includeUsage) await write(toEvent({ ...head, choices: [], usage: usageOf(piece.value) }));
  await write("data: [DONE]\n\n");
}

/**
 * What a run says, piece by piece, and how it ended.
 * @throws FanoutError for a run that fails or is cancelled; the signal's reason.
 */
async function* readAnswer(service: Service, run: string, signal: AbortSignal): Pieces {
  const answer = new GrowingAnswer();
  // The same key has begun it before. Perhaps nobody has watched it.
  const before = await outcomeOf(service.restate, run, signal);
  if (before.state === "succeeded") return yield* endOf(answer, before.output as RunEnd);
  for await (const event of eventsOf(service, run, signal)) {
    const text = event.type === "text" || event.type === "turn-ended" ? answer.add(event) : "";
    if (text !== "") yield text;
    if (event.path.length > 0) continue;
    if (event.type === "run-failed")
      throw new FanoutError("run-failed", event.message, { status: event.code });
    if (event.type === "run-ended") return yield* endOf(answer, event);
  }
  signal.throwIfAborted();
  // It was cancelled or killed, or nobody has watched it.
  return yield* endOf(answer, (await service.runs.result(run, signal)) as RunEnd);
}

function* endOf(answer: GrowingAnswer, end: RunEnd): Generator<string, RunEnd, undefined> {
  const rest = answer.end(end);
  if (rest !== "") yield rest;
  return end;
}

/** Who reads too slowly goes on where they were. */
async function* eventsOf(
  { feeds }: Service,
  run: string,
  signal: AbortSignal,
): AsyncGenerator<RunEvent, void, undefined> {
  for (let next = 0; ; ) {
    try {
      for await (const { position, json } of feeds.events(run, next, signal)) {
        next = position + 1;
        yield JSON.parse(json) as RunEvent;
      }
      return;
    } catch (error) {
      if (!(error instanceof Behind)) throw error;
    }
  }
}
