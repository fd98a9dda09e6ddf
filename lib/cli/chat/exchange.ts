import type { AgentOutput } from "../../agent/index.ts";
import { FanoutError } from "../../client/index.ts";
import { cancelInvocation } from "../../restate/index.ts";
import type { Live } from "../drawing/live.ts";
import { say } from "../output.ts";
import type { RunProgress } from "../run/progress.ts";
import { adminOf, type RunRequest } from "../run/request.ts";
import { runView } from "../run/run-view.ts";
import { type AcceptedRun, joinRun, startRun } from "../run/start-run.ts";
import type { Chat } from "./chat.ts";
import { whileInterruptible } from "./interrupts.ts";

/** What came of a message. */
export interface Exchange {
  output: AgentOutput<unknown>;
  progress: RunProgress;
  /** From the message to the answer. */
  wallMs: number;
}

/** What is done in a conversation: a message is sent, or a run that others have begun is watched. */
export type Begin = { message: string } | { run: string };

/**
 * Begins or joins a run of the chat's conversation, and shows it on stderr until it has answered.
 * @param cancels whether Ctrl-C cancels the run. Default: it stops the watching.
 * @throws Error in plain words when the run fails or is cancelled, or is no longer watched.
 */
export async function exchange(chat: Chat, begin: Begin, { cancels = false } = {}): Promise<Exchange> {
  const stop = new AbortController();
  let view: Live | undefined;
  let run: AcceptedRun | undefined;
  let isCancelled = false;
  const tell = (line: string) => (view?.note ?? say)(line);
  const request = chat.request("message" in begin ? begin.message : "", { stop: stop.signal, tell });
  const onInterrupt = () => {
    if (!run || !cancels || isCancelled) return stop.abort();
    isCancelled = true;
    tell("Cancelling the run; Ctrl-C again leaves it alone.");
    cancel(chat, run.invocationId, stop.signal).catch((error: Error) => tell(error.message));
  };
  const begun = performance.now();
  return whileInterruptible(onInterrupt, async () => {
    try {
      run = await beginning(request, begin);
      view = runView({ ...request, json: chat.json }, run.invocationId);
      const output = await run.output(view, stop.signal);
      return { output, progress: run.progress(), wallMs: performance.now() - begun };
    } catch (error) {
      if (!run && stop.signal.aborted) throw new Error("Ended before the message was accepted.");
      throw isOver(error as Error, isCancelled)
        ? new Error("The run was cancelled.", { cause: error })
        : error;
    }
  });
}

const beginning = async (request: RunRequest, begin: Begin): Promise<AcceptedRun> =>
  "run" in begin ? joinRun(request, begin.run) : startRun(request);

/** A run that was cancelled while it waited for another one is forgotten. */
function isOver({ cause }: { cause?: unknown }, isCancelled: boolean): boolean {
  const code = cause instanceof FanoutError && cause.code;
  return code === "run-cancelled" || (isCancelled && code === "not-found");
}

/** Asks a run to end, by the admin API, or as the run in progress. @throws Error in plain words when neither can be done. */
async function cancel(chat: Chat, run: string, stop: AbortSignal): Promise<void> {
  const admin = adminOf(chat.request("", { stop }));
  if (admin) return cancelInvocation(admin, run);
  const conversation = chat.opened({ stop });
  const { running } = await conversation.history();
  if (running !== run)
    throw new Error(
      "Another run of the conversation is in progress. To cancel one that waits, add --admin-url.",
    );
  await conversation.interrupt();
}
