import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { readSetting } from "../runtime/index.ts";
import type { McpServer } from "./define-server.ts";
import type { Connector } from "./transport.ts";
import { MAX_ANSWER_BYTES } from "./wire.ts";

/**
 * By stdin and stdout of a process, which is started in a project's folder and finds the programs of its packages.
 * @param path the programs' folders, as `PATH` has them.
 */
export function overStdio(
  { command = [] }: McpServer,
  { cwd, path }: { cwd: string; path: string },
): Connector {
  const [program = "", ...args] = command;
  const programs = [join(cwd, "node_modules/.bin"), path].join(delimiter);
  return ({ secrets }) =>
    async () => {
      const { StdioClientTransport } = await import("@modelcontextprotocol/client/stdio");
      return new StdioClientTransport({
        command: program,
        args,
        cwd,
        env: { PATH: programs, ...secrets },
        stderr: "ignore",
        maxBufferSize: MAX_ANSWER_BYTES,
      });
    };
}

/** The same in a function of the local Lambda host, whose environments are frozen and killed. */
export function overOwnStdio(server: McpServer, { cwd }: { cwd: string }): Connector {
  endWithThisProcess();
  return overStdio(server, { cwd, path: readSetting("PATH", "") });
}

/**
 * Has everything in this process's group killed when this process is gone. A frozen process does not notice that its stdin has ended.
 * The process has to lead its group.
 */
function endWithThisProcess(): void {
  const script = 'read -r line || kill -KILL "-$1"';
  const shell = spawn("/bin/sh", ["-c", script, "after-death", String(process.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env: {},
    cwd: "/",
  });
  shell.stdin.on("error", () => {});
  shell.unref();
}
