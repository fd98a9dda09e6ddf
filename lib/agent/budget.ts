import type { CallResult, Usage } from "../call/index.ts";
import { identity } from "./call-identity.ts";
import { JournalSize } from "./journal-size.ts";
import type { LimitReached, Limits, LimitsLeft } from "./limits.ts";
import { journaledBytes } from "./models/journaled-reply.ts";
import type { TimedReply } from "./models/request.ts";
import { type Price, priceOf, sumOf, withCost } from "./price.ts";

/** What the results of one turn may take of what the journal has left: later turns, and the calls themselves, need room too. */
const SHARE_OF_A_TURN = 0.8;
/** However full the journal is, a result keeps this many bytes: enough for a number or a sentence. */
const MIN_RESULT_BYTES = 512;
/** How often the model may repeat a call that was refused for its input. */
const MAX_REPEATED_REFUSALS = 3;
/** How long the last turn may take when the deadline has passed before it, in ms: a person waits for what there is. */
const LAST_TURN_MS = 20_000;

/** What one reply used, and the model that gave it, where it is not the run's own. */
export type TurnUsage = Usage & { model?: string | undefined };

/** A call without its output, which stands in the conversation. */
type Entry = Omit<CallResult, "output">;

/** What a run has used, as plain JSON. */
export interface Account {
  usagePerTurn: readonly TurnUsage[];
  results: readonly Entry[];
  /** What was used before the first turn. Default nothing. */
  before?: Usage | undefined;
  /** When the first reply was asked for, ms since the epoch. */
  startedAt?: number | undefined;
  /** The time as far as the journal says, ms since the epoch. */
  now: number;
  journalBytes: number;
}

export const NEW_ACCOUNT: Account = { usagePerTurn: [], results: [], now: 0, journalBytes: 0 };

/**
 * What a run has used so far. Everything is counted from the journal: replies and results carry their own times, so no
 * clock is read here (F12).
 */
export class Budget {
  readonly usagePerTurn: TurnUsage[];
  readonly results: Entry[];
  readonly journal: JournalSize;
  readonly #limits: Limits;
  readonly #price: Price | undefined;
  readonly #before: Usage | undefined;
  #startedAt: number | undefined;
  #now: number;

  /** @param inputBytes what the journal began with. */
  constructor(limits: Limits, model: string, account = NEW_ACCOUNT, inputBytes = 0) {
    this.#limits = limits;
    this.#price = priceOf(model);
    this.usagePerTurn = [...account.usagePerTurn];
    this.results = [...account.results];
    this.journal = new JournalSize(inputBytes, account.journalBytes);
    this.#before = account.before;
    this.#startedAt = account.startedAt;
    this.#now = account.now;
  }

  get account(): Account {
    const { usagePerTurn, results, journal } = this;
    return {
      usagePerTurn,
      results,
      before: this.#before,
      startedAt: this.#startedAt,
      now: this.#now,
      journalBytes: journal.total,
    };
  }

  /** @param bytes what it takes in the journal. @returns what the reply used. */
  addReply(reply: TimedReply, bytes = journaledBytes(reply)): TurnUsage {
    this.#startedAt ??= reply.startedAt;
    this.#now = reply.endedAt;
    this.journal.addReply(bytes);
    const { model } = reply;
    const price = model === undefined ? this.#price : priceOf(model);
    const usage = { ...withCost(reply.usage, price), ...(model !== undefined && { model }) };
    this.usagePerTurn.push(usage);
    return usage;
  }

  /** @param endedAt when the last of the calls ended, ms since the epoch. */
  addResults(results: readonly CallResult[], endedAt: number): void {
    this.results.push(...results.map(({ output: _, ...entry }) => entry));
    this.#now = endedAt;
    this.journal.addResults(results);
  }

  /** What a sub-agent may still use of this run's limits. */
  get limitsLeft(): LimitsLeft {
    const { maxTokens, maxCostUsd, deadline } = this.#limits;
    const { inputTokens, outputTokens, costUsd = 0 } = this.usage;
    return {
      ...(maxTokens !== undefined && { maxTokens: Math.max(1, maxTokens - inputTokens - outputTokens) }),
      ...(maxCostUsd !== undefined && { maxCostUsd: Math.max(0.000001, maxCostUsd - costUsd) }),
      ...(deadline && { deadline: { seconds: Math.max(0.001, (this.deadlineAt - this.#now) / 1000) } }),
    };
  }

  /**
   * The tokens of all turns, and of the sub-agents' runs; and their cost, unless the run's own model or one that replied has no
   * price.
   */
  get usage(): Usage {
    const children = this.results.flatMap(({ usage }) => (usage ? [usage] : []));
    const own = this.#before ? [this.#before, ...this.usagePerTurn] : this.usagePerTurn;
    const priced = this.#price && own.every(({ costUsd }) => costUsd !== undefined);
    return sumOf([...own, ...children], priced === true);
  }

  /** Calls that may still be made. */
  get callsLeft(): number {
    return Math.max(0, this.#limits.maxToolCalls - this.results.length);
  }

  /** When the run has to end, ms since the epoch; Infinity without a deadline. */
  get deadlineAt(): number {
    const { deadline } = this.#limits;
    return deadline ? (this.#startedAt ?? 0) + deadline.seconds * 1000 : Number.POSITIVE_INFINITY;
  }

  /**
   * F11: when a model request must have ended, ms since the epoch; Infinity without a deadline. A request that the
   * deadline finds at work ends there; the last turn, which begins after it, has a while of its own.
   * @param startedAt when the request begins, by the clock of the function that makes it.
   */
  replyDueAt(startedAt: number): number {
    const { deadline } = this.#limits;
    if (this.#deadlineHasPassed) return this.#now + LAST_TURN_MS;
    return deadline ? (this.#startedAt ?? startedAt) + deadline.seconds * 1000 : Number.POSITIVE_INFINITY;
  }

  get #deadlineHasPassed(): boolean {
    return this.#startedAt !== undefined && this.#now >= this.deadlineAt;
  }

  /** F9: what each of this many results may take, so that the journal stays below Lambda's limit, in bytes. */
  bytesPerResult(calls: number): number {
    return Math.max(
      MIN_RESULT_BYTES,
      Math.floor((this.journal.bytesLeft * SHARE_OF_A_TURN) / Math.max(1, calls)),
    );
  }

  /** F11: the limit that the next turn has to respect, if one is reached. */
  get limitReached(): LimitReached | undefined {
    const { maxTurns, maxTokens, maxCostUsd } = this.#limits;
    const { inputTokens, outputTokens, costUsd = 0 } = this.usage;
    if (this.#repeatsRefusedCall()) return "repeated-invalid-input";
    if (this.callsLeft === 0) return "max-tool-calls";
    if (maxTokens !== undefined && inputTokens + outputTokens >= maxTokens) return "max-tokens";
    if (maxCostUsd !== undefined && costUsd >= maxCostUsd) return "max-cost";
    if (this.#deadlineHasPassed) return "deadline";
    if (this.journal.bytesLeft <= 0) return "max-bytes";
    // The turn that comes next counts.
    return this.usagePerTurn.length + 1 >= maxTurns ? "max-turns" : undefined;
  }

  #repeatsRefusedCall(): boolean {
    const refusals = new Map<string, number>();
    for (const call of this.results) {
      if (call.status !== "invalid-input") continue;
      const times = (refusals.get(identity(call)) ?? 0) + 1;
      if (times >= MAX_REPEATED_REFUSALS) return true;
      refusals.set(identity(call), times);
    }
    return false;
  }
}
