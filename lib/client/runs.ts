import type { Approval, ApprovalAnswer, OpenApproval } from "./approvals.ts";
import type { PositionedEvent, ReadOptions } from "./event-reader.ts";

/** How a run is started. */
export interface StartOptions {
  /** The same key gets the same run, for a day after its end. Default: one of its own for each call. */
  idempotencyKey?: string | undefined;
  /** Ends the waiting, and not the run. Default: never. */
  signal?: AbortSignal | undefined;
}

/**
 * What can be done with runs, wherever a client is connected. All of it is tried again while it may succeed later, for a minute
 * or two, and throws a FanoutError, or the signal's reason.
 */
export interface Runs {
  /** @returns the run's id. */
  start(agent: string, input: object, options: StartOptions): Promise<string>;
  /** Each event once, in order, whatever breaks in between; ends when the run is over. */
  events(run: string, options: ReadOptions): AsyncGenerator<PositionedEvent, void, undefined>;
  /** Waits for what the run returns, however long it takes. */
  result(run: string, signal: AbortSignal | undefined): Promise<unknown>;
  /** Asks a run and its calls to end; one that has ended stays as it is. */
  cancel(run: string, signal: AbortSignal | undefined): Promise<void>;
  /** The run's calls that wait until somebody approves them. */
  approvals(run: string, signal: AbortSignal | undefined): Promise<OpenApproval[]>;
  /** Answers one of them. @returns the answer that counts. */
  answer(
    run: string,
    answer: ApprovalAnswer & { approval: string },
    signal: AbortSignal | undefined,
  ): Promise<Approval>;
  /** Resolves what a composite of the run waits for, or will wait for. @returns how many were waiting. */
  resolve(
    run: string,
    promise: { name: string; value: unknown },
    signal: AbortSignal | undefined,
  ): Promise<{ waiting: number }>;
}

/** A key that nobody else has. `crypto.randomUUID` is missing on pages without TLS. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
