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

/**
 * Whatever is neither yes nor no leaves the call waiting.
 * @returns false when the person has left.
 */
async function askAbout(
  { approval, tool, input }: AskedCall,
  person: Person,
  signal: AbortSignal,
): Promise<boolean> {
  person.tell(`${tool} is to be given:\n${JSON.stringify(input, null, 2)}`);
  const reply = await person.askLine("Approve it? [y/n, Enter: later] ", signal);
  if (signal.aborted || reply === undefined) return signal.aborted;
  if (!/^(y(es)?|no?)$/i.test(reply)) return true;
  const approve = /^y/i.test(reply);
  const reason = approve ? "" : await person.askLine("Why not? [for the model to read, or Enter] ", signal);
  if (signal.aborted || reason === undefined) return signal.aborted;
  try {
    await person.answer(approval, { approve, ...(reason !== "" && { reason }) });
  } catch (error) {
    person.tell((error as Error).message);
  }
  return true;
}
