import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { extname, join } from "node:path";
import { signalGroup, spawnTied } from "../lambda-host/index.ts";
import { KeptAssembly } from "./kept-assembly.ts";

interface SynthesisOptions {
  root: string;
  runDir: string;
  model: string | undefined;
  signal: AbortSignal;
}

/**
 * Synthesises the project's CDK app for the local target, unless an earlier assembly was made from the same.
 * @param options `runDir`: the cloud assembly goes to its `cdk.out`; `model` replaces the agents' models.
 * @returns the path of the cloud assembly.
 * @throws Error with what the app printed when it fails; the signal's reason when that aborts.
 */
export async function synthesise(options: SynthesisOptions): Promise<string> {
  options.signal.throwIfAborted();
  const { root, runDir, model } = options;
  const outDir = join(runDir, "cdk.out");
  // Otherwise an earlier assembly's bundles would stay next to the new ones.
  rmSync(outDir, { recursive: true, force: true });
  const kept = new KeptAssembly({ root, outDir, model });
  if (kept.take()) return outDir;
  const modules = join(runDir, "modules.json");
  await runApp(options, outDir, modules);
  kept.keep(modules);
  return outDir;
}

const RECORDER = join(import.meta.dirname, `record-modules${extname(import.meta.filename)}`);

/** Runs the app in a separate process, offline. @param modules gets a list of the files that it loads. */
async function runApp(
  { root, runDir, model, signal }: SynthesisOptions,
  outDir: string,
  modules: string,
): Promise<void> {
  // The app's temporary bundles are removed with the platform's files, even if the app is killed.
  const temporary = join(runDir, "tmp");
  mkdirSync(temporary, { recursive: true });
  const list = openSync(modules, "w");
  const child = spawnTied(process.execPath, ["--require", RECORDER, "bin/app.ts"], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe", list],
    env: {
      CDK_OUTDIR: outDir,
      TMPDIR: temporary,
      FANOUT_TARGET: "local",
      // Nothing is deployed from it, and CDK's checks take a third of the time.
      CDK_VALIDATION: "false",
      ...(model !== undefined && { FANOUT_MODEL: model }),
      ...contextOf(root),
    },
  });
  closeSync(list);
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
}

/** What CDK's command line would tell the app of the project's own settings. */
function contextOf(root: string): { CDK_CONTEXT_JSON?: string } {
  const file = join(root, "cdk.json");
  const { context } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  return context && { CDK_CONTEXT_JSON: JSON.stringify(context) };
}

/** The source lines that Node prints before an error. Those of the person's code and of syntax errors say where it is. */
const FOREIGN_FRAME = /^(?:node:|file:\/\/\S*\/lib\/).*\n(?:.*\n)*?\s*\^+\n\n(?!SyntaxError)/m;

/** What the app printed, without the stack. */
function messageIn(printed: string): string {
  const [message = ""] = printed.split(/\n\s+at /, 1);
  return message.replace(FOREIGN_FRAME, "").trim();
}
