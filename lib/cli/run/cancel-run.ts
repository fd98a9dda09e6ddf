import { createInterface } from "node:readline/promises";
import { type Admin, cancelInvocation } from "../../restate/index.ts";
import { say } from "../output.ts";

/** A person stopped watching a run; the run itself goes on. */
export class StoppedWatching extends Error {
  override readonly name = "StoppedWatching";
  readonly invocationId: string;

  constructor(invocationId: string) {
    super(`The run goes on. Cancel it with: npx fanout cancel ${invocationId}`);
    this.invocationId = invocationId;
  }
}

/**
 * Cancels a run and its calls: what has not begun never will, and what is running ends by its own timeout.
 * @throws Error in plain words when there is no such run, or it has ended.
 */
export async function cancelRun(admin: Admin, invocationId: string): Promise<void> {
  await cancelInvocation(admin, invocationId);
  say(`Cancelled ${invocationId} and its calls.`);
}

/**
 * Offers to cancel a run that a person no longer wants to watch. Without a terminal nobody can answer, so the run goes on.
 * @throws StoppedWatching when the run goes on.
 */
export async function offerToCancel(stopped: StoppedWatching, admin: Admin | undefined): Promise<void> {
  if (!admin || !process.stdin.isTTY || !process.stderr.isTTY) throw stopped;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C at the question, or a closed terminal, means no.
  const no = new Promise<string>((resolve) =>
    terminal.once("SIGINT", () => resolve("")).once("close", () => resolve("")),
  );
  const reply = await Promise.race([terminal.question("\nCancel the run and its calls? [y/N] "), no]);
  terminal.close();
  if (!/^y(es)?$/i.test(reply.trim())) throw stopped;
  await cancelRun(admin, stopped.invocationId);
}
