import type { CallResult } from "../call/index.ts";
import { jsonBytes } from "../runtime/index.ts";

/**
 * What a run's conversation may take in journals, in bytes. A journal travels whole to the agent at each resume, in base64, and
 * Lambda takes 6 MB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_JOURNAL_BYTES = 3_500_000;
/** A journal below this is cheaper than the two invocations that another one costs, in bytes. */
const MIN_COSTLY_BYTES = 48_000;
/** How often what is in a journal has been sent before another journal pays: going on sends it once more, and what went before twice. */
const TIMES_SENT = 3;

/** What a call takes beside its input and its output: ids, header, times, and the frames of the protocol. */
const CALL_BYTES = 200;

/** How large a run's journal is, as far as it grows with the run; in bytes of JSON. */
export class JournalSize {
  readonly #inputBytes: number;
  #total: number;
  /** What this journal holds beside its input; a run that went on in another one has several. */
  #own = 0;
  /** What of that was sent to the agent, resume by resume. */
  #sent = 0;

  /**
   * @param inputBytes what this journal began with.
   * @param total what the conversation took before.
   */
  constructor(inputBytes: number, total: number) {
    this.#inputBytes = inputBytes;
    this.#total = total;
  }

  addReply(bytes: number): void {
    this.#add(bytes);
  }

  /** Adds the calls of one turn, whose end resumed the agent. */
  addResults(results: readonly CallResult[]): void {
    for (const { id, tool, input, output, error } of results)
      this.#add(CALL_BYTES + jsonBytes({ id, tool, input }) + jsonBytes(output ?? error));
    this.#sent += this.#own;
  }

  /** Adds what the run has told those who watch it. */
  addEvents(bytes: number): void {
    this.#add(bytes);
  }

  #add(bytes: number): void {
    this.#total += bytes;
    this.#own += bytes;
  }

  /** What the conversation takes, in all journals of the run. */
  get total(): number {
    return this.#total;
  }

  get bytesLeft(): number {
    return MAX_JOURNAL_BYTES - this.#total;
  }

  /** Whether the rest of the run is cheaper in a journal of its own. */
  get isCostly(): boolean {
    return this.#own >= MIN_COSTLY_BYTES && this.#sent >= TIMES_SENT * (this.#own + this.#inputBytes);
  }
}
