import type { Command } from "commander";
import type { Project } from "../project.ts";

/** The default export of a command's file: it gives the command its arguments, options, further help and action. */
type Define = (command: Command, project: Project) => void;

/** What `--help` shows of a command without loading it. */
interface Shown {
  /** Its name and arguments, which its own file describes in full. */
  usage: string;
  summary: string;
}

/** A command, whose file is loaded when it is called, or a group of commands. */
export type CommandEntry = Shown &
  ({ load(): Promise<{ default: Define }> } | { commands: readonly CommandEntry[] });

/** Every command, in the order of `fanout --help`. A new one is a file in this folder and an entry here. */
export const commands: readonly CommandEntry[] = [
  {
    usage: "init [options] <directory>",
    summary: "make a new project",
    load: () => import("./init.ts"),
  },
  {
    usage: "start [options] [question]",
    summary: "start the local platform and ask a first question",
    load: () => import("./start.ts"),
  },
  {
    usage: "up [options]",
    summary: "run the local platform until Ctrl-C",
    load: () => import("./up.ts"),
  },
  {
    usage: "ask [options] <question>",
    summary: "ask an agent; on the local platform, where FANOUT_TARGET says, or at any ingress with --url",
    load: () => import("./ask.ts"),
  },
  {
    usage: "chat [options]",
    summary: "talk with an agent, which knows what was said before",
    load: () => import("./chat.ts"),
  },
  {
    usage: "runs [options]",
    summary: "list runs: what came of them, how long they took, what they cost",
    load: () => import("./runs.ts"),
  },
  {
    usage: "show [options] <id>",
    summary: "show one run: its timeline, and each call with its input, its result, its tries and its error",
    load: () => import("./show.ts"),
  },
  {
    usage: "logs [options] <id>",
    summary: "show what everything that a run caused has logged",
    load: () => import("./logs.ts"),
  },
  {
    usage: "replay [options] <id>",
    summary: "ask the same again, of today's code",
    load: () => import("./replay.ts"),
  },
  {
    usage: "approvals [options] [command]",
    summary: "list the calls that wait until somebody approves them; approve or deny one",
    load: () => import("./approvals.ts"),
  },
  {
    usage: "cancel [options] <id>",
    summary: "cancel a run and its calls",
    load: () => import("./cancel.ts"),
  },
  {
    usage: "mcp [options]",
    summary: "offer the tools and agents to MCP clients: on stdin and stdout, or over HTTP with --http",
    load: () => import("./mcp.ts"),
  },
  {
    usage: "deploy [options]",
    summary:
      "deploy to AWS: look for what would fail, show the differences, ask, deploy, examine, ask an agent",
    load: () => import("./deploy.ts"),
  },
  {
    usage: "status [options]",
    summary: "show every service: versions, limits, what is in use, and where that is not as declared",
    load: () => import("./status.ts"),
  },
  {
    usage: "scale [options] <service>",
    summary: "change how one service runs, now",
    load: () => import("./scale.ts"),
  },
  {
    usage: "prune [options]",
    summary: "list function versions and deployments that nothing needs any longer; remove them with --yes",
    load: () => import("./prune.ts"),
  },
  {
    usage: "doctor [options]",
    summary: "find what is wrong, and say what to do; exit code 1 if there is a problem",
    load: () => import("./doctor.ts"),
  },
  {
    usage: "redrive [options]",
    summary: "list runs that are paused, or fail again and again; resume, cancel or kill them",
    load: () => import("./redrive.ts"),
  },
  {
    usage: "demo",
    summary: "show something, on a platform of the demo's own",
    commands: [
      {
        usage: "crash",
        summary:
          "kill a tool, the agent and restate-server under a run, and see that nothing is lost or done twice",
        load: () => import("./demo-crash.ts"),
      },
    ],
  },
  {
    usage: "new",
    summary: "add something to the project",
    commands: [
      {
        usage: "tool <name>",
        summary:
          "write a new tool's folder; it joins the agent, the stack and the local platform by being there",
        load: () => import("./new-tool.ts"),
      },
      {
        usage: "agent <name>",
        summary: "write a new agent's folder; it joins the stack and the local platform by being there",
        load: () => import("./new-agent.ts"),
      },
      {
        usage: "mcp [options] <name>",
        summary: "write the folder of an MCP server, whose tools agents may then call",
        load: () => import("./new-mcp.ts"),
      },
    ],
  },
  {
    usage: "sync [options]",
    summary: "bring the generated files (rosters, the table of tools in a README) up to date",
    load: () => import("./sync.ts"),
  },
];
