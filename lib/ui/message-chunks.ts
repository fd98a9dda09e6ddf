import type { FinishReason } from "ai";
import type { RunEvent } from "../events/index.ts";
import { CallParts, type Chunk } from "./call-parts.ts";
import type { RunMetadata } from "./run-message.ts";

type Event<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;
type CallEvent = "call-issued" | "approval-asked" | "approval-answered" | "call-ended";

/** Those of the run's ends that the AI SDK has a name for; any other is `other`, with its name in the metadata. */
const FINISH_REASONS: readonly FinishReason[] = ["stop", "length", "content-filter"];

/** What has been shown of a run so far, and what each further event adds to it. */
export class MessageChunks {
  /** The turn whose step is shown. */
  #turn = 0;
  /** The last turn whose text is whole. */
  #wholeTurn = 0;
  /** What is shown of the turn's text. */
  #text = "";
  readonly #calls = new CallParts();
  #ended = false;

  add(event: RunEvent): Chunk[] {
    switch (event.type) {
      case "call-issued":
        return this.#calls.issue(event);
      case "approval-asked":
        return this.#calls.ask(event);
      case "approval-answered":
        return this.#calls.answer(event);
      case "call-ended":
        return this.#calls.end(event);
      default:
        // What else an agent further down tells is in the output of its call.
        return event.path.length === 0 ? this.#addOwn(event) : [];
    }
  }

  /** The run is over and has not said so: somebody has killed it. */
  breakOff(): Chunk[] {
    return this.#ended ? [] : this.#fail("The run was ended before it had an answer.");
  }

  #addOwn(event: Exclude<RunEvent, { type: CallEvent }>): Chunk[] {
    switch (event.type) {
      case "run-began":
        return [metadata({ agent: event.agent, model: event.model })];
      case "turn-began":
        return this.#beginTurn(event.turn);
      case "text":
        return this.#write(event);
      case "turn-ended":
        return this.#endTurn(event);
      case "limit-reached":
        return [metadata({ limit: event.limit })];
      case "run-ended":
        return this.#finish(event);
      case "run-failed":
        return this.#fail(event.message);
      case "run-cancelled":
        return [
          ...this.#end("It was cancelled.", { finishReason: "cancelled" }),
          { type: "abort", reason: "cancelled" },
        ];
      default:
        throw new Error(`Unknown event: ${JSON.stringify(event satisfies never)}`);
    }
  }

  /** A turn's text comes before the news that the turn has begun, which is told with its end. */
  #beginTurn(turn: number): Chunk[] {
    if (turn <= this.#turn) return [];
    const before: Chunk[] = this.#turn === 0 ? [] : [{ type: "finish-step" }];
    this.#turn = turn;
    this.#text = "";
    return [...before, { type: "start-step" }];
  }

  #write({ turn, text, begins }: Event<"text">): Chunk[] {
    // What was on its way when the turn ended is part of the whole.
    if (turn <= this.#wholeTurn) return [];
    return [...this.#beginTurn(turn), ...(begins ? this.#eraseText() : []), ...this.#append(text)];
  }

  #endTurn({ turn, text }: Event<"turn-ended">): Chunk[] {
    const begun = this.#beginTurn(turn);
    this.#wholeTurn = turn;
    // A piece of it may have got lost.
    const erased = text.startsWith(this.#text) ? [] : this.#eraseText();
    const rest = this.#append(text.slice(this.#text.length));
    const end: Chunk[] = text === "" ? [] : [{ type: "text-end", id: this.#textId }];
    return [...begun, ...erased, ...rest, ...end];
  }

  get #textId(): string {
    return `turn ${this.#turn}`;
  }

  #append(text: string): Chunk[] {
    if (text === "") return [];
    const id = this.#textId;
    const start: Chunk[] = this.#text === "" ? [{ type: "text-start", id }] : [];
    this.#text += text;
    return [...start, { type: "text-delta", id, delta: text }];
  }

  /** The step holds nothing else yet: calls are issued when the turn has ended. */
  #eraseText(): Chunk[] {
    if (this.#text === "") return [];
    this.#text = "";
    return [{ type: "reset-step" }];
  }

  #finish({ answer, finishReason, turns, toolCalls, usage }: Event<"run-ended">): Chunk[] {
    const said = { finishReason, turns, toolCalls, usage, ...(typeof answer !== "string" && { answer }) };
    const known = FINISH_REASONS.find((one) => one === finishReason) ?? "other";
    return [...this.#end("The run ended before it.", said), { type: "finish", finishReason: known }];
  }

  #fail(errorText: string): Chunk[] {
    const said = { finishReason: "failed", error: errorText };
    return [...this.#end("The run failed before it ended.", said), { type: "error", errorText }];
  }

  #end(whyCallsEnd: string, said: RunMetadata): Chunk[] {
    this.#ended = true;
    const isWriting = this.#text !== "" && this.#turn > this.#wholeTurn;
    const text: Chunk[] = isWriting ? [{ type: "text-end", id: this.#textId }] : [];
    const step: Chunk[] = this.#turn === 0 ? [] : [{ type: "finish-step" }];
    return [...text, ...this.#calls.close([], whyCallsEnd), ...step, metadata(said)];
  }
}

const metadata = (messageMetadata: RunMetadata): Chunk => ({ type: "message-metadata", messageMetadata });
