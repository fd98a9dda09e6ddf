import { relative } from "node:path";
import type { Command } from "commander";
import { checkTemplate, createProject, TEMPLATES } from "../../create/index.ts";
import { asUsage, quoted } from "../arguments.ts";
import { print } from "../output.ts";

interface Flags {
  template?: string;
  fanout?: string;
}

/** The only command that works on no project. */
export default function defineInit(command: Command): void {
  command
    .argument("<directory>", "the project's folder, which gives it its name; . is this one")
    .option(
      `--template <${TEMPLATES.join("|")}>`,
      "minimal: an agent and a tool; chat: conversations, approvals and a page; claim: tools that call tools (default: minimal)",
      asUsage(checkTemplate),
    )
    .option(
      "--fanout <spec>",
      "where npm gets the kit: a range of versions, a tarball or a folder (default: this version)",
    )
    .action((directory: string, flags: Flags) => {
      const { name, root, files } = createProject({ directory, ...flags });
      const folder = relative(process.cwd(), root);
      print(`${files.map((file) => `  ${file}\n`).join("")}Made ${name}. Next:\n${next(folder)}`);
    });
}

/** @param folder where the project is, from here; empty if it is here. */
function next(folder: string): string {
  const words = /^[\w./-]+$/.test(folder) ? folder : quoted(folder);
  const commands = [...(folder === "" ? [] : [`cd ${words}`]), "npm install", "npm start"];
  return [...commands.map((command) => `  ${command}`), "README.md says what else there is."].join("\n");
}
