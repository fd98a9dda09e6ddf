import { createInterface } from "node:readline/promises";

/** Whether there is a person to ask. */
export const canAsk = () => process.stdin.isTTY && process.stderr.isTTY;

/** Asks a question whose answer is yes or no. Ctrl-C and a closed terminal mean no. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const no = new Promise<string>((resolve) =>
    terminal.once("SIGINT", () => resolve("")).once("close", () => resolve("")),
  );
  const reply = await Promise.race([terminal.question(`${question} [y/N] `), no]);
  terminal.close();
  return /^y(es)?$/i.test(reply.trim());
}
