import { spawn } from "node:child_process";
import { copyProject } from "../../../test/support/project.ts";
import type { Cast } from "../cast.ts";

const COMMAND = "npm start";
const COLUMNS = 96;
const ROWS = 27;
/** What follows the answer: what to type next. */
const NEXT = "\r\nThis run in Restate";

/** Runs the command at a terminal of its own, on Linux, in a copy of the project. */
export async function recordRun(): Promise<Cast> {
  const project = copyProject();
  try {
    // Bundles and compiled code are then kept, as in every start but the first.
    await project.fanout(["start", "--once"]);
    return { columns: COLUMNS, rows: ROWS, command: COMMAND, output: await record(project.root) };
  } finally {
    await project.remove();
  }
}

/** What a command writes until it has answered, and when. */
async function record(cwd: string): Promise<Cast["output"]> {
  const begun = performance.now();
  const output: Cast["output"] = [];
  const child = spawn("script", ["-qec", `stty cols ${COLUMNS} rows ${ROWS}; exec ${COMMAND}`, "/dev/null"], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, TERM: "xterm-256color", LANG: "C.UTF-8" },
  });
  let answered = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (answered) return;
    answered = text.includes(NEXT);
    output.push({ atMs: Math.round(performance.now() - begun), text: text.split(NEXT)[0] ?? "" });
    // Ctrl-C ends it.
    if (answered) child.stdin.write("\u0003");
  });
  await new Promise<void>((resolve) => child.once("close", () => resolve()));
  return output;
}
