import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Platform, startPlatform } from "../../local/index.ts";
import type { Loopback } from "../../sandbox/index.ts";
import { startView } from "../drawing/start-view.ts";
import { seconds } from "../drawing/timeline.ts";
import { environment, readOwnSettings } from "../environment.ts";
import { say } from "../output.ts";
import type { Project } from "../project.ts";
import { platformFiles, removeState, writeState } from "../state-file.ts";
import { checkStandInRoster } from "../sync/stand-ins.ts";
import { claimProject } from "./claim.ts";
import { describeRuns } from "./earlier-runs.ts";
import type { PlatformFlags } from "./flags.ts";
import { whenNpmEnds } from "./npm-parent.ts";
import { chooseOutsideWorld, settingsWhileRunning } from "./outside-world.ts";
import { serveRoutes } from "./routes.ts";
import { typeChecker } from "./type-checker.ts";
import { watchProject } from "./watch.ts";

/** What is done with a ready platform and its routes; `ended` resolves when a person asks it to end. */
type Work = (platform: Platform & { routesUrl: string }, ended: Promise<void>) => Promise<void>;

/** Sent by Ctrl-C, `kill` and a closed terminal. */
const END_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs the local platform for as long as `work` takes, tells other programs of it in `.fanout/state.json`, deploys again
 * when files change, and stops everything that was started, whatever ends it. Being asked to end is not an error.
 * @throws Error when a platform already runs in this project, or when a part does not start or ends by itself.
 */
export async function withPlatform(project: Project, flags: PlatformFlags, work: Work): Promise<void> {
  const release = claimProject(project.root);
  const end = endSignal();
  try {
    await runPlatform(project, flags, end, work);
  } catch (error) {
    if (error !== end.reason) throw error;
  } finally {
    release();
  }
}

async function runPlatform(
  { root, loadStandIns }: Project,
  flags: PlatformFlags,
  end: AbortSignal,
  work: Work,
): Promise<void> {
  const files = platformFiles(root);
  const readWorld = () => chooseOutsideWorld(readOwnSettings(root), flags);
  const world = readWorld();
  const standIns = await loadStandIns();
  checkStandInRoster(root, standIns);
  const begun = performance.now();
  const watching = flags.watch ? watch(root) : undefined;
  if (flags.fresh) rmSync(files.data, { recursive: true, force: true });
  const view = startView(process.stderr);
  const platform = await startPlatform({
    root,
    runDir: files.run,
    dataDir: files.data,
    logDir: files.folder,
    ...world,
    settings: settingsWhileRunning(world, readWorld, say),
    standIns,
    faults: flags.fault ?? {},
    onStart: view,
    signal: end,
  }).finally(() => view.end());
  const ended = new Promise<void>((resolve) => end.addEventListener("abort", () => resolve()));
  let routes: Loopback | undefined;
  try {
    routes = await serveRoutes(platform);
    const all = { ...platform, routesUrl: routes.url };
    writeState(root, all);
    say(`Ready after ${seconds(performance.now() - begun)}: ${world.description}.`);
    for (const line of describeRuns(platform.runs)) say(line);
    const failed = platform.failed.then((error) => Promise.reject(error));
    watching?.begin(platform);
    await Promise.race([work(all, ended), ended, failed]);
  } finally {
    removeState(root);
    await Promise.all([watching?.end(), routes?.stop(), platform.stop()]);
  }
}

/** Notices changes from now on, and deploys them from `begin` until `end`. */
function watch(root: string) {
  const types = typeChecker(root, { buildInfo: join(platformFiles(root).run, "types.tsbuildinfo"), say });
  const deployChanges = watchProject(root, { say, types });
  const over = new AbortController();
  let deploying: Promise<void> | undefined;
  return {
    begin(platform: Platform): void {
      deploying = deployChanges(platform, over.signal);
    },
    async end(): Promise<void> {
      over.abort();
      await types.stop();
      await deploying;
    },
  };
}

/**
 * Aborts at the first signal, or when the npm that started this is gone. Later signals change nothing: npm repeats the
 * terminal's Ctrl-C, and stopping is bounded.
 */
function endSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of END_SIGNALS) process.on(signal, () => controller.abort());
  whenNpmEnds(environment, () => controller.abort());
  // The reader of the output may be gone too.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
  return controller.signal;
}
