import type { RunEvent } from "../../events/index.ts";
import { contentOf, type RunEnd } from "./completion.ts";

/** Between the texts of two turns. */
const PARAGRAPH = "\n\n";
/** Stands after a text that was told too early, because what was told cannot be taken back here. */
const BEGINS_AGAIN = "[This was cut off. It begins again:]";
/** JSON, as it is or in a fence. */
const LIKE_JSON = /^\s*(?:[{[]|```)/;

type TextEvent = Extract<RunEvent, { type: "text" | "turn-ended" }>;

/**
 * What a run says, for a reader who can only append to what was read: the text of each turn while it is written, a blank line between
 * turns. A text that begins like JSON is told when it is known to count, because a model may have to repair its JSON.
 */
export class GrowingAnswer {
  #turn = 0;
  /** The last turn whose text is whole. */
  #wholeTurn = 0;
  /** The turn's text so far. */
  #text = "";
  /** How much of it was told, in characters. */
  #told = 0;
  /** Whether anything was told before this turn's text. */
  #hasBefore = false;
  /** The last text of a turn that was told to its end. */
  #lastWhole = "";

  /** @returns what is to be appended. */
  add(event: TextEvent): string {
    const { turn, text, path } = event;
    // Where a turn follows at once, its text may come before the end of the turn before it.
    if (path.length > 0 || turn <= this.#wholeTurn || turn < this.#turn) return "";
    if (turn > this.#turn) this.#begin(turn);
    return event.type === "text" ? this.#write(event) : this.#complete(text, event.calls);
  }

  /** @returns what is still to be appended when the run has ended. */
  end(end: Pick<RunEnd, "answer">): string {
    const content = contentOf(end);
    const isWhole = this.#turn === this.#wholeTurn;
    if (isWhole && this.#lastWhole.trim() === content.trim()) return "";
    const notice = isWhole ? "" : this.#restart();
    this.#begin(this.#turn);
    this.#text = content;
    return notice + this.#tell();
  }

  /** A text that was held back and does not count is forgotten. */
  #begin(turn: number): void {
    this.#hasBefore ||= this.#told > 0;
    this.#turn = turn;
    this.#text = "";
    this.#told = 0;
  }

  /** The turn's text does not count so far. */
  #restart(): string {
    const notice = this.#told > 0 ? `${PARAGRAPH}${BEGINS_AGAIN}` : "";
    this.#begin(this.#turn);
    return notice;
  }

  #write({ text, begins }: Extract<RunEvent, { type: "text" }>): string {
    const notice = begins ? this.#restart() : "";
    this.#text += text;
    const isHeld = this.#text.trim() === "" || LIKE_JSON.test(this.#text);
    return notice + (isHeld ? "" : this.#tell());
  }

  #complete(text: string, calls: number): string {
    this.#wholeTurn = this.#turn;
    // A piece of it may have got lost.
    const notice = text.startsWith(this.#text.slice(0, this.#told)) ? "" : this.#restart();
    this.#text = text;
    const isHeld = calls === 0 && this.#told === 0 && LIKE_JSON.test(text);
    if (isHeld || text.trim() === "") return notice;
    this.#lastWhole = text;
    return notice + this.#tell();
  }

  #tell(): string {
    const gap = this.#told === 0 && this.#hasBefore ? PARAGRAPH : "";
    const rest = this.#text.slice(this.#told);
    this.#told = this.#text.length;
    return rest === "" ? "" : gap + rest;
  }
}
