import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PlatformState } from "../../lib/cli/state-file.ts";
import { ROOT } from "./imports.ts";

const NOT_COPIED = ["node_modules", ".git", ".fanout", "cdk.out", ".env"];
const POLL_MS = 50;
/** How long any wait may take, in ms. */
const PATIENCE_MS = 55_000;
/** The same for a platform that has to bundle every function first. */
const START_PATIENCE_MS = 115_000;

/** The outcome of a program. */
export interface Outcome {
  /** The exit code; the signal's name if one ended it. */
  code: number | string | null;
  stdout: string;
  stderr: string;
}

/** A running program. It leads a process group, as a terminal's foreground job does. */
export interface Running {
  child: ChildProcess;
  outcome: Promise<Outcome>;
  /** What it has written so far. */
  stderr(): string;
}

/** A copy of the project in its own folder, so that the developer's platform and files stay untouched. */
export interface Project {
  root: string;
  /** Starts `fanout` in the copy. */
  start(args: string[], env?: Record<string, string>): Running;
  /** Starts `npx fanout` in the copy, as a person does: npm is the child, and `fanout` is a child of npm's shell. */
  npx(args: string[]): Running;
  /** Runs `fanout` in the copy. */
  fanout(args: string[], env?: Record<string, string>): Promise<Outcome>;
  /** Runs any command in the copy. */
  run(command: string, args: string[]): Promise<Outcome>;
  /** Starts any command in the copy, whose temporary files count as left behind. */
  launch(command: string, args: string[], env?: Record<string, string>): Running;
  /** Starts `fanout up` and waits until it is ready. */
  up(...flags: string[]): Promise<Running & { state: PlatformState }>;
  /** The running platform's state; undefined if none is ready. */
  state(): PlatformState | undefined;
  /** Everything in its folder for temporary files. */
  temporaryFiles(): string[];
  /** Processes that belong to this copy: they have its folder in their environment or arguments. */
  processes(): string[];
  /**
   * Waits until nothing is left behind: no process, no temporary file, nothing in the home folder, and of the platform's own
   * files only its logs and data. @throws Error listing what is left.
   */
  nothingLeft(): Promise<void>;
  /** Kills what still runs and removes the copy. */
  remove(): Promise<void>;
}

/**
 * Copies the project, with a link to `node_modules`.
 * @param part the folder of a project in it, which is worked on. Default: the whole.
 */
export function copyProject(part = "."): Project {
  return openProject((copy) => {
    const root = join(copy, part);
    const filter = (path: string) => !NOT_COPIED.includes(basename(path));
    cpSync(ROOT, copy, { recursive: true, verbatimSymlinks: true, filter });
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    if (root !== copy) linkPackages(join(ROOT, part, "node_modules"), join(root, "node_modules"), copy);
    return root;
  });
}

/**
 * Makes a project of its own, with the packages that are here, of which this one is `fanout`.
 * @param from the folder with its sources.
 * @param files what it has beside them: contents by path.
 */
export function makeProject(from: string, files: Readonly<Record<string, string>>): Project {
  return openProject((root) => {
    cpSync(from, root, { recursive: true });
    for (const [path, contents] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), contents);
    }
    linkPackages(join(ROOT, "node_modules"), join(root, "node_modules"), ROOT);
    symlinkSync(ROOT, join(root, "node_modules/fanout"));
    return root;
  });
}

/** @param fill makes the project, at the path that it is given or below, and returns where it is. */
function openProject(fill: (path: string) => string): Project {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "fanout-project-")));
  const [home, temporary] = [join(folder, "home"), join(folder, "tmp")];
  // Other programs may leave what they like.
  const elsewhere = join(folder, "elsewhere");
  // Many people have a space in the path.
  const root = fill(join(folder, "my project"));
  for (const empty of [home, temporary, elsewhere]) mkdirSync(empty);
  const running = new Set<ChildProcess>();
  const stateFile = join(root, ".fanout/state.json");
  // The kit's own program, in a copy of this repository; in any other project that of its package.
  const own = "bin/fanout.ts";
  const program = existsSync(join(root, own)) ? own : join("node_modules/fanout", own);

  const launch = (command: string, args: string[], env: Record<string, string> = {}): Running => {
    const child = spawn(command, args, {
      cwd: root,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      // Nothing from the developer's own environment: no key for a real model, no setting for colours.
      env: {
        PATH: `${join(ROOT, "node_modules/.bin")}:/usr/bin:/bin`,
        HOME: home,
        TMPDIR: temporary,
        ...env,
      },
    });
    running.add(child);
    return watch(child, () => running.delete(child));
  };
  const project: Project = {
    root,
    start: (args, env) => launch(process.execPath, [program, ...args], env),
    npx: (args) =>
      launch("npx", ["fanout", ...args], {
        PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`,
        HOME: elsewhere,
        npm_config_cache: elsewhere,
        // npm's cache stays in the temporary folder.
        NODE_DISABLE_COMPILE_CACHE: "1",
      }),
    fanout: (args, env) => project.start(args, env).outcome,
    run: (command, args) => launch(command, args, { HOME: elsewhere, TMPDIR: elsewhere }).outcome,
    launch,
    async up(...flags) {
      const platform = project.start(["up", ...flags]);
      const ended = platform.outcome.then(({ code, stderr }) => {
        throw new Error(`fanout up ended with ${code}:\n${stderr}`);
      });
      const state = await Promise.race([
        eventually(() => project.state(), platform.stderr, START_PATIENCE_MS),
        ended,
      ]);
      return { ...platform, state };
    },
    state: () => (existsSync(stateFile) ? readWhole(stateFile) : undefined),
    temporaryFiles: () => readdirSync(temporary).map((name) => join(temporary, name)),
    processes: () => processesWith(folder),
    async nothingLeft() {
      const platformFiles = join(root, ".fanout");
      const leftovers = () => [
        ...project.processes(),
        ...readdirSync(temporary),
        ...readdirSync(home),
        ...(existsSync(platformFiles) ? readdirSync(platformFiles) : []).filter(
          (name) => !name.endsWith(".log") && name !== "data",
        ),
      ];
      await eventually(
        () => leftovers().length === 0,
        () => `left behind: ${leftovers().join(", ")}`,
      );
    },
    async remove() {
      for (const { pid } of running) if (pid) process.kill(-pid, "SIGKILL");
      await eventually(
        () => project.processes().length === 0,
        () => project.processes().join(", "),
      );
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return project;
}

/** Links the packages of a project that is part of another one, whose copy is its `fanout`. */
function linkPackages(from: string, to: string, kit: string): void {
  mkdirSync(to);
  // What is kept there was made of another project.
  for (const name of readdirSync(from).filter((entry) => entry !== ".cache"))
    symlinkSync(name === "fanout" ? kit : join(from, name), join(to, name));
}

function watch(child: ChildProcess, onEnd: () => void): Running {
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
    });
  }
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: code ?? signal, ...written }));
  });
  child.once("exit", onEnd);
  return { child, outcome, stderr: () => written.stderr };
}

/** A file that is still being written does not count yet. */
function readWhole(file: string): PlatformState | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** Polls until there is something other than undefined or false. @param patienceMs Default: 55 s. @throws Error with `problem` when that takes too long. */
export async function eventually<T>(
  read: () => T | undefined | false,
  problem: () => string,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const value = read();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`After ${patienceMs / 1000} s: ${problem()}`);
    await sleep(POLL_MS);
  }
}

/** Processes whose environment or arguments mention a text, as `pid command`. */
function processesWith(text: string): string[] {
  if (process.platform !== "linux") {
    const lines = execFileSync("ps", ["-A", "-E", "-ww", "-o", "pid=,command="], { encoding: "utf8" }).split(
      "\n",
    );
    return lines.filter((line) => line.includes(text));
  }
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [`${pid} ${readProc(pid, "cmdline")}`, readProc(pid, "environ")] as const)
    .filter((texts) => texts.join().includes(text))
    .map(([command]) => command.replaceAll("\0", " ").trim());
}

/** A process may end at any time; then there is nothing to read. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
