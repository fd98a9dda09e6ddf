import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { agentFolder } from "../agent/index.ts";
import type { Roster } from "../deployment/index.ts";
import { TOPIC } from "../events/index.ts";
import { CANARY_BUNDLE, CANARY_HANDLER } from "./canary/canary.ts";
import { RESTATE_REGISTRATION_BUNDLE, RESTATE_REGISTRATION_HANDLER } from "./registrations.ts";
import { RESTATE_ADMIN_BUNDLE, RESTATE_ADMIN_HANDLER } from "./restate-admin.ts";
import { RUN_EVENTS_HANDLER } from "./run-events/run-events-function.ts";
import { STUCK_RUNS_BUNDLE, STUCK_RUNS_HANDLER } from "./stuck-runs/stuck-runs.ts";

/** The stack's own functions, beside the one that registers, which is in every template. */
const OWN = [
  [CANARY_BUNDLE, CANARY_HANDLER],
  [RESTATE_ADMIN_BUNDLE, RESTATE_ADMIN_HANDLER],
  [STUCK_RUNS_BUNDLE, STUCK_RUNS_HANDLER],
] as const;
const TOOL_KIT = join(import.meta.dirname, "../tool");

/**
 * Each function's entry file, by the name of its bundle: a handler.ts per tool and agent, an adapter for a tool that is an
 * existing Lambda function, and the stack's own functions.
 * @param functions the folder with `tools` and `agents`.
 * @param bundleDir where adapters are written, in their own folder.
 * @param options `local`: a laptop does without most of the stack's own functions.
 */
export function entriesOf(
  { functions, tools, agents }: Roster & { functions: string },
  bundleDir: string,
  { local }: { local: boolean },
): Record<string, string> {
  const adapters = join(bundleDir, ".adapters");
  return Object.fromEntries([
    ...tools.map(({ name, lambda }) => {
      const folder = join(functions, "tools", name);
      const isTheirs = lambda !== undefined;
      return [
        name,
        isTheirs ? writeLambdaAdapter(name, join(folder, "tool.ts"), adapters) : join(folder, "handler.ts"),
      ];
    }),
    ...agents.map((agent) => [agent.name, join(functions, "agents", agentFolder(agent), "handler.ts")]),
    [TOPIC, RUN_EVENTS_HANDLER],
    [RESTATE_REGISTRATION_BUNDLE, RESTATE_REGISTRATION_HANDLER],
    ...(local ? [] : OWN),
  ]);
}

/**
 * Writes the handler of a tool that is an existing Lambda function, for the bundler. It is the same for every such tool,
 * except for the contract.
 * @param contract the path of its tool.ts.
 * @param directory where the file is written.
 * @returns the file's path.
 */
export function writeLambdaAdapter(name: string, contract: string, directory: string): string {
  const file = join(directory, `${name}.ts`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    file,
    [
      `import { invokeLambda } from ${JSON.stringify(join(TOOL_KIT, "invoke-lambda.ts"))};`,
      `import { serve } from ${JSON.stringify(join(TOOL_KIT, "serve.ts"))};`,
      `import tool from ${JSON.stringify(contract)};`,
      "export const handler = serve(invokeLambda(tool));",
      "",
    ].join("\n"),
  );
  return file;
}
