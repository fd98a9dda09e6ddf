import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

/** Keys that are no text. */
export const KEYS = { enter: "\r", ctrlC: "\u0003", ctrlD: "\u0004", up: "\u001b[A" } as const;

/** A program at a terminal of its own. */
export interface Terminal {
  /** Types text, or keys. */
  type(text: string): void;
  /** Types a line. */
  enter(line: string): void;
  /** All that was shown so far, what was typed and overwritten too, without escape sequences. */
  shown(): string;
  /** How often a text was shown. */
  count(text: string): number;
  /** The program's exit code. */
  ended: Promise<number | null>;
  /** Ends the program, if it still runs. */
  close(): Promise<void>;
}

/** Starts a program at a terminal of 100 columns, on Linux. */
export function openTerminal(command: string, cwd: string, env: Record<string, string> = {}): Terminal {
  const child = spawn("script", ["-qec", `stty cols 100 rows 30; exec ${command}`, "/dev/null"], {
    cwd,
    env: { PATH: process.env.PATH, TERM: "xterm", ...env },
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += stripVTControlCharacters(text);
  });
  // The program may have ended.
  child.stdin.on("error", () => {});
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const type = (text: string) => void child.stdin.write(text);
  return {
    type,
    enter: (line) => type(line + KEYS.enter),
    shown: () => shown,
    count: (text) => shown.split(text).length - 1,
    ended,
    async close() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
