import type { ApprovalAnswer } from "../../client/index.ts";
import type { Live } from "../drawing/live.ts";
import { type AskedCall, openAsks } from "./call-progress.ts";
import type { RunProgress } from "./progress.ts";

/** What an offer to answer needs. */
interface Person {
  /** Asks for a line, until the signal takes the question back. @returns undefined where there is no answer. */
  askLine(question: string, signal: AbortSignal): Promise<string | undefined>;
  /** Shows something in full. */
  tell(text: string): void;
  /** Sends the answer. */
  answer(approval: string, answer: ApprovalAnswer): Promise<unknown>;
}

/**
 * A view of a run that also asks the person who watches about each call that waits, one after the other: once each, and not
 * any more when it was answered elsewhere. While it asks, nothing is drawn.
 */
export function offerToAnswer(live: Live, person: Person): Live {
  const offered = new Set<string>();
  let isWanted = true;
  let current: { approval: string; over: AbortController } | undefined;
  const offer = (ask: AskedCall) => {
    const over = new AbortController();
    current = { approval: ask.approval, over };
    offered.add(ask.approval);
    live.end();
    void askAbout(ask, person, over.signal).then((answered) => {
      current = undefined;
      isWanted &&= answered;
    });
  };
  return {
    show(run: RunProgress) {
      const open = run.turns.flatMap(({ calls }) => calls.flatMap(openAsks));
      if (current) {
        const { approval, over } = current;
        if (!open.some((ask) => ask.approval === approval)) over.abort();
        return;
      }
      live.show(run);
      const next = open.find(({ approval }) => !offered.has(approval));
      if (next && isWanted) offer(next);
    },
    note: live.note,
    end() {
      current?.over.abort();
      live.end();
    },
  };
}

const QUESTION = "Approve it? [y/n, {…} with another input, Enter: later] ";

/**
 * Whatever is no answer leaves the call waiting; an input that does not fit is asked for again.
 * @returns false when the person has left.
 */
async function askAbout(
  { approval, tool, input }: AskedCall,
  person: Person,
  signal: AbortSignal,
): Promise<boolean> {
  person.tell(`${tool} is to be given:\n${JSON.stringify(input, null, 2)}`);
  for (;;) {
    const reply = await person.askLine(QUESTION, signal);
    if (signal.aborted || reply === undefined) return signal.aborted;
    try {
      const answer = await toAnswer(reply, person, signal);
      if (signal.aborted || answer === "left") return signal.aborted;
      if (answer) await person.answer(approval, answer);
      return true;
    } catch (error) {
      person.tell((error as Error).message);
      if (!isInput(reply)) return true;
    }
  }
}

const isInput = (reply: string) => reply.trimStart().startsWith("{");

/** @returns undefined where nothing is answered. @throws SyntaxError for what looks like an input and is none. */
async function toAnswer(
  reply: string,
  person: Person,
  signal: AbortSignal,
): Promise<ApprovalAnswer | "left" | undefined> {
  if (isInput(reply)) return { approve: true, input: JSON.parse(reply) };
  if (/^y(es)?$/i.test(reply)) return { approve: true };
  if (!/^no?$/i.test(reply)) return undefined;
  const reason = await person.askLine("Why not? [for the model to read, or Enter] ", signal);
  if (reason === undefined) return "left";
  return { approve: false, ...(reason !== "" && { reason }) };
}
