import { join } from "node:path";
import { SCOPES } from "../../lib/call/index.ts";
import { TOPIC } from "../../lib/events/index.ts";
import type { App } from "../../lib/local/index.ts";
import { BUNDLE_HANDLER, bundleFunctions } from "../../lib/stack/index.ts";
import { EXPOSED_TOOLS, exposedSetting } from "../../lib/tool-calls/index.ts";
import agent from "./functions/agent/agent.ts";
import { ROOT } from "./imports.ts";
import { SDK_LOOPS } from "./sdk-loops.ts";

const SOURCE = join(import.meta.dirname, "functions");
const RUN_EVENTS = join(import.meta.dirname, "../../lib/stack/run-events/handler.ts");
const AGENTS = ["agent", "parent", "structured"];
/** Those whose calls may have scopes. */
const CALLERS = [...AGENTS, "composite"];

/** For a function, the folder whose handler.ts is its code. Default: the function's own. */
export type Handlers = Readonly<Record<string, string>>;

/** The entry file of each bundle that this worker has made, by its folder: the next server finds it there. */
const bundled = new Map<string, string>();

/** What functions find in their environment. */
interface Settings {
  all: Readonly<Record<string, string>>;
  /** In place of the others, for agents only. */
  ofAgents?: Readonly<Record<string, string>> | undefined;
}

/**
 * Bundles the tests' functions: those of the test agent's tools, and the agents.
 * @param directory where the bundles go.
 * @param only the names of those that there are, beside the one that tells of runs. Default: all.
 */
export function bundleApp(
  directory: string,
  settings: Settings,
  handlers: Handlers,
  only?: readonly string[],
): App {
  const reserved = new Map(agent.tools.map(({ name, scaling }) => [name, scaling.maxConcurrency]));
  const functions = [...reserved.keys(), ...AGENTS].filter((name) => only?.includes(name) ?? true);
  const names = [...functions, TOPIC];
  bundleMissing(directory, names, handlers);
  return {
    functions: names.map((name) => {
      const reservedConcurrency = reserved.get(name);
      return {
        name,
        codeDir: join(directory, name),
        handler: BUNDLE_HANDLER,
        memoryMb: 512,
        timeoutSeconds: 60,
        environment: environmentOf(name, settings),
        ...(reservedConcurrency !== undefined && { reservedConcurrency }),
      };
    }),
    registrations: names.map((name) =>
      AGENTS.includes(name) || name === TOPIC
        ? { functionName: name, private: false }
        : { functionName: name, private: true, service: name },
    ),
  };
}

/** Bundles what is not in its folder yet. */
function bundleMissing(directory: string, names: readonly string[], handlers: Handlers): void {
  const entryOf = (name: string) =>
    name === TOPIC ? RUN_EVENTS : join(SOURCE, handlers[name] ?? name, "handler.ts");
  const missing = names.filter((name) => bundled.get(join(directory, name)) !== entryOf(name));
  const roots = Object.groupBy(missing, (name) => packagesOf(handlers[name] ?? name));
  for (const [root, some = []] of Object.entries(roots))
    bundleFunctions(Object.fromEntries(some.map((name) => [name, entryOf(name)])), directory, {
      root,
      code: () => (root === ROOT ? undefined : { bundled: ["langchain", "@google/adk"] }),
    });
  for (const name of missing) bundled.set(join(directory, name), entryOf(name));
}

/** The folder whose packages a function uses. */
function packagesOf(handler: string): string {
  return SDK_LOOPS.find(({ loop }) => handler === `loops/${loop}`)?.root ?? ROOT;
}

function environmentOf(name: string, { all, ofAgents }: Settings): Record<string, string> {
  return {
    ...all,
    ...(name === TOPIC && { [EXPOSED_TOOLS]: exposedSetting(agent.tools) }),
    ...(CALLERS.includes(name) && { [SCOPES]: "" }),
    ...(AGENTS.includes(name) && ofAgents),
  };
}
