import type { Command } from "commander";
import { agentNames } from "../agent-choice.ts";
import { sayUnbroken } from "../output.ts";
import { addPlatformFlags, type PlatformFlags } from "../platform/flags.ts";
import { whatNext } from "../platform/what-next.ts";
import { withPlatform } from "../platform/with-platform.ts";
import type { Project } from "../project.ts";

export default function up(command: Command, project: Project): void {
  addPlatformFlags(command, project).action((flags: PlatformFlags) =>
    withPlatform(project, flags, async (platform, ended) => {
      sayUnbroken(
        whatNext(platform, await agentNames(project.loadRoster, undefined), await project.loadDefaults()),
      );
      await ended;
    }),
  );
}
