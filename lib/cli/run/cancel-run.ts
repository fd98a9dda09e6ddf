import { setTimeout as sleep } from "node:timers/promises";
import { type Admin, cancelInvocation, hasEnded, killInvocation } from "../../restate/index.ts";
import { canAsk, confirm } from "../confirm.ts";
import { say } from "../output.ts";

/** How long a cancellation is watched, in ms, and how often it is looked at. */
const WATCH_MS = 15_000;
const POLL_MS = 200;

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
 * Asks a run and its calls to end, and follows until the run has: what has not begun never will, and what is running ends by its
 * own timeout. A run that cannot go on, for instance because a tool's service is gone, cannot be asked: then it says what can be done.
 * @throws Error in plain words when there is no such run, or it has ended, or it does not end.
 */
export async function cancelRun(admin: Admin, invocationId: string): Promise<void> {
  await cancelInvocation(admin, invocationId);
  say(`Asked ${invocationId} and its calls to end.`);
  for (const until = Date.now() + WATCH_MS; Date.now() < until; await sleep(POLL_MS)) {
    if (await hasEnded(admin, invocationId)) {
      say("It is cancelled.");
      return;
    }
  }
  throw new Error(
    `It has not ended within ${WATCH_MS / 1000} s: its agent is at work, or cannot go on (npx fanout show ${invocationId}). To end it without asking its agent: npx fanout cancel --kill ${invocationId}`,
  );
}

/**
 * Ends a run and its calls without asking their code.
 * @throws Error in plain words when there is no such run, or it has ended.
 */
export async function killRun(admin: Admin, invocationId: string): Promise<void> {
  await killInvocation(admin, invocationId);
  say(`Killed ${invocationId} and its calls. What a function was doing it does to its end.`);
}

/**
 * Offers to cancel a run that a person no longer wants to watch. Without a terminal nobody can answer, so the run goes on.
 * @throws StoppedWatching when the run goes on.
 */
export async function offerToCancel(stopped: StoppedWatching, admin: Admin | undefined): Promise<void> {
  if (!admin || !canAsk()) throw stopped;
  if (!(await confirm("\nCancel the run and its calls?"))) throw stopped;
  await cancelRun(admin, stopped.invocationId);
}
