import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { signalGroup, spawnTied } from "../lambda-host/index.ts";

/**
 * Synthesises the project's CDK app for the local target, offline, in a separate process.
 * @param options `runDir`: the cloud assembly goes to its `cdk.out`; `model` replaces the agents' models.
 * @returns the path of the cloud assembly.
 * @throws Error with what the app printed when it fails; the signal's reason when that aborts.
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
  // Otherwise an earlier assembly's bundles would stay next to the new ones.
  rmSync(outDir, { recursive: true, force: true });
  // The app's temporary bundles are removed with the platform's files, even if the app is killed.
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

/** The source lines that Node prints before an error. Those of the person's code and of syntax errors say where it is. */
const FOREIGN_FRAME = /^(?:node:|file:\/\/\S*\/lib\/).*\n(?:.*\n)*?\s*\^+\n\n(?!SyntaxError)/m;

/** What the app printed, without the stack. */
function messageIn(printed: string): string {
  const [message = ""] = printed.split(/\n\s+at /, 1);
  return message.replace(FOREIGN_FRAME, "").trim();
}
