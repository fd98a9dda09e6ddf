import { type AskOptions, askAgent } from "./ask-agent.ts";
import { offerToCancel, StoppedWatching } from "./cancel-run.ts";
import { adminOf } from "./request.ts";

/** Asks an agent. Ctrl-C stops the watching, and on a terminal a person is asked whether the run should go on. */
export async function askUntilInterrupted(options: Omit<AskOptions, "signal">): Promise<void> {
  const interrupt = new AbortController();
  // Stays in place: npm repeats the terminal's Ctrl-C.
  process.on("SIGINT", () => interrupt.abort());
  try {
    await askAgent({ ...options, signal: interrupt.signal });
  } catch (error) {
    if (!(error instanceof StoppedWatching)) throw error;
    await offerToCancel(error, adminOf(options));
  }
}
