import { spawn } from "node:child_process";
import { once } from "node:events";

/** What a command has printed, and its exit code. */
export interface Printed {
  code: number | null;
  /** stdout and stderr as a terminal shows them. */
  text: string;
}

/** A bare machine: the system's Node and npm, and nothing of this repository's or of the developer's environment. */
const PATH = "/usr/local/bin:/usr/bin:/bin";

/**
 * Runs a command line as a person types it.
 * @param cwd the working folder.
 * @param env what it has beside PATH.
 */
export async function type(cwd: string, command: string, env: Record<string, string>): Promise<Printed> {
  const child = spawn("sh", ["-c", command], {
    cwd,
    env: { PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, text };
}
