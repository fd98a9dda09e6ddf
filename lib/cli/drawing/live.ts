import { createLogUpdate } from "log-update";
import type { CallProgress } from "../run/call-progress.ts";
import type { RunProgress, TurnProgress } from "../run/progress.ts";
import { printableLine } from "./printable.ts";
import { isTerminal, type Output, screenOf } from "./screen.ts";
import { describeInput, drawTimeline, replied, seconds } from "./timeline.ts";

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
  return {
    show: (run) => draw(drawTimeline(run, Date.now(), screenOf(output)).join("\n")),
    note(line) {
      draw.clear();
      output.write(`${line}\n`);
    },
    end() {
      draw.clear();
      // Shows the cursor again.
      draw.done();
    },
  };
}

interface Event {
  /** The same for one event, however often the run is shown. */
  key: string;
  at: number;
  text: string;
}

/** One line for each model turn that begins or ends and each call that is issued, runs or ends, in chronological order. */
export function lines(print: (line: string) => void): Live {
  const printed = new Set<string>();
  return {
    show(run) {
      const events = run.turns.flatMap((turn, index) => eventsOf(turn, `turn ${index + 1}`));
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
  const events = [event("called", issuedAt)];
  if (state === "retrying") events.push(event("retrying", Date.now(), `retrying: ${failure}`));
  if (endedAt !== undefined) {
    const took = `after ${seconds(endedAt - (startedAt ?? issuedAt))}`;
    events.push(event("ended", endedAt, state === "ok" ? `ok ${took}` : `failed ${took}: ${failure}`));
  }
  return events;
}
