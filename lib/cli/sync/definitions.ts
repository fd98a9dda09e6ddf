import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Agent, agentFolder } from "../../agent/index.ts";
import type { Tool } from "../../tool/index.ts";

/**
 * The names of a directory's folders, sorted. Git does not keep empty folders, so a missing directory has none.
 * @param files what each folder has to contain.
 * @throws Error naming a folder that lacks one of the files.
 */
export function foldersOf(directory: string, files: string[] = []): string[] {
  if (!existsSync(directory)) return [];
  // A folder may be a link to one of another project's.
  const folders = readdirSync(directory)
    .filter((name) => statSync(join(directory, name)).isDirectory())
    .sort();
  for (const folder of folders) {
    const missing = files.filter((file) => !existsSync(join(directory, folder, file)));
    if (missing.length > 0) throw new Error(`${join(directory, folder)} lacks ${missing.join(" and ")}.`);
  }
  return folders;
}

/** @throws Error when the contract cannot be read, its name is not its folder's, or it lacks a handler or has one too many. */
export async function readTool(root: string, folder: string): Promise<Tool> {
  const directory = join(root, "functions/tools", folder);
  const path = join(directory, "tool.ts");
  const tool = await readContract<Tool>(path, "defineTool");
  const hasHandler = existsSync(join(directory, "handler.ts"));
  if (!hasHandler && tool.lambda === undefined) throw new Error(`${directory} lacks handler.ts.`);
  if (hasHandler && tool.lambda !== undefined) {
    throw new Error(
      `${directory}: a tool is either its handler.ts or the Lambda function "${tool.lambda}" that tool.ts names. Remove one.`,
    );
  }
  if (tool.name !== folder) {
    throw new Error(
      `${path}: the tool must be called like its folder, "${folder}", but is called "${tool.name}".`,
    );
  }
  return tool;
}

/** @throws Error naming every agent that cannot be read, or whose folder is not its name in kebab-case. */
export async function checkAgents(root: string, folders: readonly string[]): Promise<void> {
  const problems: string[] = [];
  for (const folder of folders) {
    const path = join(root, "functions/agents", folder, "agent.ts");
    const agent = await readContract<Agent>(path, "defineAgent").catch(({ message }: Error) => {
      problems.push(message);
    });
    if (agent && agentFolder(agent) !== folder) {
      problems.push(
        `${path}: the agent is called "${agent.name}", so its folder must be "${agentFolder(agent)}", but is "${folder}".`,
      );
    }
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

const readContract = <T extends { name: string }>(path: string, define: string): Promise<T> =>
  readDefault(path, define, (value) => typeof Object(value).name === "string");

/**
 * Reads a file's default export.
 * @param define the name of the function that makes the value, for the error.
 * @throws Error naming the file when it cannot be read, or exports something else.
 */
export async function readDefault<T>(
  path: string,
  define: string,
  isOne: (value: unknown) => boolean,
): Promise<T> {
  const module = (await import(pathToFileURL(path).href).catch((cause: Error) => {
    throw new Error(`${path}: ${cause.message}`, { cause });
  })) as { default?: T };
  if (module.default !== undefined && isOne(module.default)) return module.default;
  throw new Error(
    `${path}: expected export default ${define}({ … }), got ${module.default === undefined ? "no default export" : "something else"}.`,
  );
}
