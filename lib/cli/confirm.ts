import { userInfo } from "node:os";
import { createInterface, type Interface } from "node:readline/promises";

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

interface LineOptions {
  /** Takes the question back. */
  signal?: AbortSignal;
  /** Called at Ctrl-C. */
  onInterrupt?: () => void;
  /** Earlier lines, the newest first, which the arrow keys bring back. */
  earlier?: readonly string[];
}

/**
 * Asks for a line. Lines that come together, because they were pasted, are one reply.
 * @returns undefined where there is no answer: at Ctrl-C, in a closed terminal, after the signal.
 */
export async function askLine(
  question: string,
  { signal, onInterrupt = () => {}, earlier = [] }: LineOptions = {},
): Promise<string | undefined> {
  if (signal?.aborted) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr, history: [...earlier] });
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
  terminal.setPrompt(question);
  terminal.prompt();
  const reply = await Promise.race([linesFrom(terminal), none]);
  signal?.removeEventListener("abort", close);
  close();
  return reply?.trim();
}

/** The lines up to an Enter after which nothing else has come. */
function linesFrom(terminal: Interface): Promise<string> {
  const lines: string[] = [];
  return new Promise((resolve) => {
    terminal.on("line", (line) => {
      lines.push(line);
      setImmediate(() => {
        if (terminal.line === "") resolve(lines.join("\n"));
      });
    });
  });
}
