import { createLogUpdate } from "log-update";
import type { AskedCall, CallProgress } from "../run/call-progress.ts";
import type { RunProgress, TurnProgress } from "../run/progress.ts";
import { moment } from "./duration.ts";
import { wrap } from "./fit.ts";
import { printableLine } from "./printable.ts";
import { isTerminal, type Output, screenOf } from "./screen.ts";
import { describeInput, drawTimeline, replied, seconds } from "./timeline.ts";

/** The height of a terminal that does not say it, in lines. */
const DEFAULT_ROWS = 24;
/** An empty line above the model's text, and the cursor's line below. */
const LINES_AROUND_TEXT = 2;

/** Shows a run while it is in progress. */
export interface Live {
  show(run: RunProgress): void;
  /** Prints a line that stays, above the drawing. */
  note(line: string): void;
  /** Clears the drawing; printed lines stay. */
  end(): void;
}

/** A timeline that is redrawn in place on a terminal; plain lines anywhere else. */
export function liveView(output: Output): Live {
  return isTerminal(output) ? drawing(output) : lines((line) => void output.write(`${line}\n`));
}

function drawing(output: Output): Live {
  const draw = createLogUpdate(output);
  const note = (line: string) => {
    draw.clear();
    output.write(`${line}\n`);
  };
  // A line of the drawing is too short for what to do.
  const asks = lines(note, ({ calls }) => calls.flatMap(({ asks = [] }) => asks.flatMap(eventsOfAsk)));
  return {
    show(run) {
      asks.show(run);
      const timeline = drawTimeline(run, Date.now(), screenOf(output));
      draw([...timeline, ...drawText(run, output, timeline.length)].join("\n"));
    },
    note,
    end() {
      draw.clear();
      // Shows the cursor again.
      draw.done();
    },
  };
}

/** The last lines of what the model writes, as many as fit below the timeline. */
function drawText({ turns }: RunProgress, { columns, rows = DEFAULT_ROWS }: Output, above: number): string[] {
  const { text } = turns.at(-1) ?? {};
  const room = rows - above - LINES_AROUND_TEXT;
  if (text === undefined || room <= 0) return [];
  return ["", ...wrap(text, screenOf({ columns, isTTY: true }).textWidth).slice(-room)];
}

interface Event {
  /** The same for one event, however often the run is shown. */
  key: string;
  at: number;
  text: string;
}

/**
 * One line for each event, in chronological order.
 * @param of the events of a turn. Default: that it begins or ends, and that a call is issued, waits for an approval or ends.
 */
export function lines(print: (line: string) => void, of = eventsOf): Live {
  const printed = new Set<string>();
  return {
    show(run) {
      const events = run.turns.flatMap((turn, index) => of(turn, `turn ${index + 1}`));
      for (const { key, at, text } of events.sort((a, b) => a.at - b.at)) {
        if (printed.has(key)) continue;
        printed.add(key);
        print(`+${seconds(at - run.startedAt)}  ${printableLine(text)}`);
      }
    },
    note: print,
    end() {},
  };
}

function eventsOf(turn: TurnProgress, name: string): Event[] {
  const { startedAt, repliedAt, failure, asked, calls } = turn;
  const event = (what: string, at: number, text: string): Event => ({
    key: `${name} ${what}`,
    at,
    text: `${name}: ${text}`,
  });
  const events = [event("asks", startedAt, "asking the model")];
  if (repliedAt === undefined) {
    if (failure) events.push(event(`retries ${failure}`, Date.now(), `trying again: ${failure}`));
  } else {
    events.push(event("ended", repliedAt, failure ? `failed: ${failure}` : `the model ${replied(asked)}`));
  }
  return [...events, ...calls.flatMap((call) => eventsOfCall(call, name))];
}

function eventsOfCall(call: CallProgress, turn: string): Event[] {
  const { id, tool, input, state, failure, issuedAt, startedAt, endedAt } = call;
  const event = (what: string, at: number, text: string = what): Event => ({
    key: `${turn} ${id} ${what}`,
    at,
    text: `${tool} ${describeInput(input)}: ${text}`,
  });
  const events = [event("called", issuedAt), ...(call.asks ?? []).flatMap(eventsOfAsk)];
  if (state === "retrying") events.push(event("retrying", Date.now(), `retrying: ${failure}`));
  if (endedAt !== undefined) {
    const took = `after ${seconds(endedAt - (startedAt ?? issuedAt))}`;
    events.push(event("ended", endedAt, state === "ok" ? `ok ${took}` : `failed ${took}: ${failure}`));
  }
  return events;
}

/** Its own tool and input, which may be a part's or a sub-agent's. */
function eventsOfAsk({ approval, tool, input, at, expiresAt, answer }: AskedCall): Event[] {
  const event = (what: string, when: number, text: string): Event => ({
    key: `${approval} ${what}`,
    at: when,
    text: `${tool} ${describeInput(input)}: ${text}`,
  });
  const until = `waits for an approval until ${moment(expiresAt)}, answer with: npx fanout approvals approve ${approval}`;
  const asked = event("asked", at, until);
  if (!answer) return [asked];
  const { decision, by, reason } = answer;
  const said = `${decision}${by === undefined ? "" : ` by ${by}`}${reason === undefined ? "" : `: ${reason}`}`;
  return [asked, event("answered", answer.at, said)];
}
