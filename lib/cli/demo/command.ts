import type { Command } from "commander";

/** Adds `fanout demo`: what can be shown without a project's own tools and without a question. */
export function addDemoCommands(fanout: Command): void {
  const demo = fanout.command("demo").description("show something, on a platform of the demo's own");
  demo
    .command("crash")
    .description(
      "kill a tool, the agent and restate-server under a run, and see that nothing is lost or done twice",
    )
    .action(async () => {
      const { demoCrash } = await import("./crash.ts");
      await demoCrash();
    });
}
