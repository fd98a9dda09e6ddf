import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { signalGroup, spawnTied } from "../lambda-host/index.ts";

/**
 * Synthesises the project's CDK app for the local target, offline, in a process of its own.
 * @param options `runDir`: the cloud assembly goes to its `cdk.out`; `model` replaces the agents' own model.
 * @returns the path of the cloud assembly.
 * @throws Error with what the app printed, when it fails; the signal's reason when that aborts.
 */
export async function synthesise(options: {
  root: string;
  runDir: string;
  model: string | undefined;
  signal: AbortSignal;
}): Promise<string> {
  const { root, runDir, model, signal } = options;
  signal.throwIfAborted();
  const outDir = join(runDir, "cdk.out");
  // Otherwise an earlier assembly's bundles would stay beside the new ones.
  rmSync(outDir, { recursive: true, force: true });
  // The app's temporary bundles go when the platform's files go, even if the app is killed.
  const temporary = join(runDir, "tmp");
  mkdirSync(temporary, { recursive: true });
  const child = spawnTied(process.execPath, ["bin/app.ts"], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      CDK_OUTDIR: outDir,
      TMPDIR: temporary,
      FANOUT_TARGET: "local",
      // Nothing is deployed from it, and CDK's checks take a third of the time.
      CDK_VALIDATION: "false",
      ...(model !== undefined && { FANOUT_MODEL: model }),
    },
  });
  const kill = () => signalGroup(child, "SIGKILL");
  signal.addEventListener("abort", kill);
  let printed = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  signal.removeEventListener("abort", kill);
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`The functions of this project cannot be built:\n${messageIn(printed)}`);
  return outDir;
}

/** The source lines with which Node precedes an error; those of a person's own code and of syntax errors say where. */
const FOREIGN_FRAME = /^(?:node:|file:\/\/\S*\/lib\/).*\n(?:.*\n)*?\s*\^+\n\n(?!SyntaxError)/m;

/** What the app printed, without the stack. */
function messageIn(printed: string): string {
  const [message = ""] = printed.split(/\n\s+at /, 1);
  return message.replace(FOREIGN_FRAME, "").trim();
}
