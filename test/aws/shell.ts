import { spawn } from "node:child_process";
import { once } from "node:events";

/** Runs the documentation's commands in a project's folder. */
export interface Shell {
  /** What a person sees is printed. @throws Error naming the command when it fails. */
  run(command: string, ...args: string[]): Promise<void>;
  /** The same, and how it ended. */
  attempt(command: string, ...args: string[]): Promise<{ code: number | string }>;
  /** What it writes to stdout. @throws Error naming the command when it fails. */
  output(command: string, ...args: string[]): Promise<string>;
  /** Asks the command that runs now to end, as Ctrl-C does. */
  interrupt(): void;
}

/** @param environment replaces this program's. */
export function shellIn(folder: string, environment: Readonly<Record<string, string | undefined>>): Shell {
  let running: ReturnType<typeof spawn> | undefined;
  const start = async (keeps: boolean, command: string, args: readonly string[]) => {
    // A group of its own: a terminal's Ctrl-C reaches this program, which then ends the command and cleans up.
    const child = spawn(command, args, {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ["ignore", keeps ? "pipe" : "inherit", "inherit"],
    });
    running = child;
    let stdout = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    running = undefined;
    return { code: code ?? signal ?? "no exit code", stdout };
  };
  const must = async (keeps: boolean, command: string, args: readonly string[]) => {
    const { code, stdout } = await start(keeps, command, args);
    if (code !== 0) throw new Error(`${[command, ...args].join(" ")} ended with ${code}.`);
    return stdout;
  };
  return {
    run: async (command, ...args) => void (await must(false, command, args)),
    attempt: (command, ...args) => start(false, command, args),
    output: (command, ...args) => must(true, command, args),
    interrupt() {
      if (running?.pid) process.kill(-running.pid, "SIGINT");
    },
  };
}
