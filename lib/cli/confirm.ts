import { userInfo } from "node:os";
import { createInterface } from "node:readline/promises";

/** Whether there is a person to ask. */
export const canAsk = () => process.stdin.isTTY && process.stderr.isTTY;

/** Who is at the terminal; undefined where the system has no name for them. */
export function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

/** Asks a question whose answer is yes or no. Ctrl-C and a closed terminal mean no. */
export async function confirm(question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await askLine(`${question} [y/N] `)) ?? "");
}

/**
 * Asks for a line.
 * @param options `signal` takes the question back. `onInterrupt` is called at Ctrl-C.
 * @returns undefined where there is no answer: at Ctrl-C, in a closed terminal, after the signal.
 */
export async function askLine(
  question: string,
  { signal, onInterrupt = () => {} }: { signal?: AbortSignal; onInterrupt?: () => void } = {},
): Promise<string | undefined> {
  if (signal?.aborted) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const close = () => terminal.close();
  signal?.addEventListener("abort", close);
  const none = new Promise<undefined>((resolve) =>
    terminal
      .once("SIGINT", () => {
        close();
        onInterrupt();
      })
      .once("close", () => resolve(undefined)),
  );
  const reply = await Promise.race([terminal.question(question), none]);
  signal?.removeEventListener("abort", close);
  close();
  return reply?.trim();
}
