import { createLogUpdate } from "log-update";
import type { StartObserver } from "../../local/index.ts";
import { printable } from "./printable.ts";
import { isTerminal, type Output, screenOf } from "./screen.ts";
import { seconds } from "./timeline.ts";

/** How often the times of running parts are redrawn, in ms. */
const REDRAW_MS = 100;
const WORK_WIDTH = 28;
const TIME_WIDTH = 8;

/** Shows a person what a start is doing, and how long each part took. */
interface StartView extends StartObserver {
  /** Leaves the finished parts, and clears the running ones. */
  end(): void;
}

/** A line for each finished part; on a terminal also the running parts, and for how long they have been running. */
export function startView(output: Output): StartView {
  return isTerminal(output) ? drawing(output) : lines((line) => void output.write(`${printable(line)}\n`));
}

function lines(print: (line: string) => void): StartView {
  return {
    notice: print,
    begin(work) {
      const begun = performance.now();
      return () => print(line(work, performance.now() - begun));
    },
    end() {},
  };
}

function drawing(output: Output): StartView {
  const { paint } = screenOf(output);
  const draw = createLogUpdate(output);
  const goingOn = new Set<{ work: string; begun: number }>();
  const redraw = () => {
    const now = performance.now();
    draw([...goingOn].map(({ work, begun }) => paint("cyan", line(work, now - begun))).join("\n"));
  };
  const printed = lines((text) => {
    draw.clear();
    output.write(`${printable(text)}\n`);
    redraw();
  });
  const timer = setInterval(redraw, REDRAW_MS).unref();
  return {
    notice: printed.notice,
    begin(work) {
      const one = { work, begun: performance.now() };
      goingOn.add(one);
      const done = printed.begin(work);
      redraw();
      return () => {
        goingOn.delete(one);
        done();
      };
    },
    end() {
      clearInterval(timer);
      draw.clear();
      // Shows the cursor again.
      draw.done();
    },
  };
}

const line = (work: string, ms: number) => `  ${work.padEnd(WORK_WIDTH)}${seconds(ms).padStart(TIME_WIDTH)}`;
