import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { signalGroup, spawnTied } from "../../lambda-host/index.ts";

/** How many type errors are reported at once; one mistake in the kit may cause hundreds. */
const MOST_TOLD = 10;
/** What a function's bundle is made of; `npm run types` checks the rest as well. */
const OF_FUNCTIONS = /^(?:functions|lib|bin)\//;
/** As `tsc --pretty false` prints an error. */
const ERROR = /^(?<file>\S.*)\((?<line>\d+),(?<column>\d+)\): error TS\d+: (?<message>.*)$/;

/** Reports type errors, in the background. */
export interface TypeChecker {
  /** Starts a check, replacing one that is running. */
  check(): void;
  /** Stops a running check. */
  stop(): Promise<void>;
}

/**
 * Checks the project's types in a separate process. Each error is reported once, until it is gone.
 * @param options `buildInfo`: the file in which the compiler notes what need not be checked again.
 */
export function typeChecker(
  root: string,
  { buildInfo, say }: { buildInfo: string; say: (text: string) => void },
): TypeChecker {
  let told = new Set<string>();
  let compiler: ChildProcess | undefined;
  const tell = (errors: Map<string, string>) => {
    const fresh = [...errors].filter(([key]) => !told.has(key)).map(([, text]) => text);
    if (fresh.length > 0) say(describe(fresh));
    else if (told.size > 0 && errors.size === 0) say("No type errors any more.");
    told = new Set(errors.keys());
  };
  const stop = async () => {
    const running = compiler;
    compiler = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    signalGroup(running, "SIGKILL");
    await once(running, "exit");
  };
  return {
    check() {
      void stop();
      const started = startCompiler(root, buildInfo);
      compiler = started;
      let printed = "";
      started?.stdout?.setEncoding("utf8").on("data", (text: string) => {
        printed += text;
      });
      started?.once("close", () => {
        if (compiler === started) tell(readErrors(printed));
      });
    },
    stop,
  };
}

function startCompiler(root: string, buildInfo: string): ChildProcess | undefined {
  const typescript = findTypeScript(root);
  // Types are checked for the person's benefit only: without a compiler everything else works.
  if (typescript === undefined) return undefined;
  // A deployment goes on meanwhile. With more threads the compiler does more in all: each of them checks what several share.
  const flags = ["--singleThreaded", "--noEmit", "--incremental", "--tsBuildInfoFile", buildInfo];
  const compiler = spawnTied(process.execPath, [join(typescript, "bin/tsc"), "--pretty", "false", ...flags], {
    cwd: root,
    stdio: ["ignore", "pipe", "ignore"],
  });
  compiler.on("error", () => {});
  return compiler;
}

/** The folder of the project's own compiler, or of the kit's. */
function findTypeScript(root: string): string | undefined {
  try {
    const paths = [root, import.meta.dirname];
    return dirname(createRequire(import.meta.url).resolve("typescript/package.json", { paths }));
  } catch {
    return undefined;
  }
}

/** The errors, keyed by what stays the same when other lines of the file change. */
function readErrors(printed: string): Map<string, string> {
  return new Map(
    printed.split("\n").flatMap((text): [string, string][] => {
      const { file = "", line, column, message } = ERROR.exec(text)?.groups ?? {};
      if (!OF_FUNCTIONS.test(file)) return [];
      return [[`${file}: ${message}`, `  ${file}:${line}:${column}: ${message}`]];
    }),
  );
}

function describe(errors: string[]): string {
  const more = errors.length - MOST_TOLD;
  const rest = more > 0 ? [`  … and ${more} more. All of them: npm run types`] : [];
  return ["Type errors:", ...errors.slice(0, MOST_TOLD), ...rest].join("\n");
}
