import type { WriteStream } from "node:tty";
import { createLogUpdate } from "log-update";
import type { RunProgress } from "./progress.ts";
import { describeInput, drawTimeline, replied, seconds } from "./timeline.ts";

/** The width of a drawing where nobody knows the terminal's, in characters. */
export const DEFAULT_COLUMNS = 110;

/** Shows a run while it is going. */
export interface Live {
  show(run: RunProgress): void;
  /** Clears what is drawn; lines that were printed stay. */
  end(): void;
}

/** A timeline that is drawn over and over on a terminal; plain lines anywhere else. */
export function liveView(stream: NodeJS.WritableStream & Partial<WriteStream>): Live {
  return stream.isTTY ? drawing(stream as WriteStream) : lines((line) => void stream.write(`${line}\n`));
}

function drawing(stream: WriteStream): Live {
  const draw = createLogUpdate(stream);
  return {
    show: (run) => draw(drawTimeline(run, Date.now(), stream.columns ?? DEFAULT_COLUMNS).join("\n")),
    end: () => draw.clear(),
  };
}

/** One line for each model turn that begins or ends, and for each call that is issued, runs or ends. */
export function lines(print: (line: string) => void): Live {
  const printed = new Set<string>();
  const once = (run: RunProgress, at: number, line: string, key: string) => {
    if (printed.has(key)) return;
    printed.add(key);
    print(`+${seconds(at - run.startedAt)}  ${line}`);
  };
  return {
    show(run) {
      for (const [index, turn] of run.turns.entries()) {
        const name = `turn ${index + 1}`;
        once(run, turn.startedAt, `${name}: asking the model`, `${name} asks`);
        if (turn.failure)
          once(run, Date.now(), `${name}: trying again: ${turn.failure}`, `${name} ${turn.failure}`);
        if (turn.repliedAt)
          once(run, turn.repliedAt, `${name}: the model ${replied(turn.calls.length)}`, `${name} replied`);
        for (const call of turn.calls) {
          const label = `${call.tool} ${describeInput(call.input)}`;
          const key = `${name} ${call.id}`;
          once(run, call.issuedAt, `${label}: called`, `${key} called`);
          if (call.startedAt) once(run, call.startedAt, `${label}: running`, `${key} running`);
          if (call.state === "retrying")
            once(run, Date.now(), `${label}: retrying: ${call.failure}`, `${key} retrying`);
          if (call.endedAt) {
            const outcome = call.state === "ok" ? "ok" : `failed: ${call.failure}`;
            const took = seconds(call.endedAt - (call.startedAt ?? call.issuedAt));
            once(run, call.endedAt, `${label}: ${outcome} after ${took}`, `${key} ended`);
          }
        }
      }
    },
    end() {},
  };
}
