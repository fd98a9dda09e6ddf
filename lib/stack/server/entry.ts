import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Roster, SettingsError } from "../../deployment/index.ts";
import { kitFile } from "../kit-file.ts";
import { type ServerSettings, serverSettings } from "./settings.ts";

/** The function's bundle, whose name no tool and no agent can have. */
export const SERVER_BUNDLE = "server-routes";

const HANDLER = kitFile("server/function-url");

/**
 * The entry file of the function that serves a project's routes, by the name of its bundle; none for a project without any.
 * @param functions the folder that has `server/server.ts`.
 * @param bundleDir where the entry is written, in a folder of its own.
 * @throws SettingsError for a folder without its file, settings without the folder, or a wrong setting.
 */
export function serverEntry(
  { functions, agents }: Pick<Roster, "agents"> & { functions: string },
  bundleDir: string,
  settings: ServerSettings | undefined,
): Record<string, string> {
  const folder = join(functions, "server");
  const server = join(folder, "server.ts");
  if (existsSync(server)) {
    const { streamSeconds } = serverSettings(settings);
    const handler = [
      `import { serveOnFunctionUrl } from ${JSON.stringify(HANDLER)};`,
      `import server from ${JSON.stringify(server)};`,
      `export const handler = serveOnFunctionUrl(server, ${JSON.stringify({ agents: askable(agents), streamSeconds })});`,
      "",
    ];
    return { [SERVER_BUNDLE]: write(handler.join("\n"), join(bundleDir, ".adapters")) };
  }
  if (existsSync(folder)) throw new SettingsError(`${folder} lacks server.ts.`);
  if (settings) throw new SettingsError(`bin/stack.ts: server: there are no routes to serve: no ${server}.`);
  return {};
}

function write(code: string, directory: string): string {
  const file = join(directory, `${SERVER_BUNDLE}.ts`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, code);
  return file;
}

/** Those that no other agent calls. */
function askable(agents: Roster["agents"]): { name: string }[] {
  const called = new Set(agents.flatMap(({ tools }) => tools.map(({ name }) => name)));
  return agents.flatMap(({ name }) => (called.has(name) ? [] : [{ name }]));
}
