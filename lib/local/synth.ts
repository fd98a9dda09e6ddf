import { spawn } from "node:child_process";

/**
 * Synthesises the project's CDK app for the local target, offline, in a process of its own.
 * @param model replaces the agents' own model.
 * @throws Error with what the app printed, when it fails.
 */
export async function synthesise(options: {
  root: string;
  outDir: string;
  model: string | undefined;
}): Promise<void> {
  const child = spawn(process.execPath, ["bin/app.ts"], {
    cwd: options.root,
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      CDK_OUTDIR: options.outDir,
      FANOUT_TARGET: "local",
      ...(options.model !== undefined && { FANOUT_MODEL: options.model }),
    },
  });
  let printed = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`The CDK app does not synthesise:\n${printed.trim()}`);
}
