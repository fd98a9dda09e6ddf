import { createServer } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyProject, type Project } from "../support/project.ts";
import { KEYS, openTerminal } from "../support/terminal.ts";

let project: Project;
beforeAll(() => {
  project = copyProject();
});
afterAll(() => project?.remove());

test.runIf(process.platform === "linux")(
  "a chat goes on when the platform was killed and is started again, at another port",
  async () => {
    const first = await project.up();
    const terminal = openTerminal("node bin/fanout.ts chat", project.root, {
      HOME: `${project.root}/../home`,
      TMPDIR: `${project.root}/../tmp`,
    });
    const shows = (what: string) =>
      expect.poll(() => terminal.shown(), { timeout: 55_000 }).toMatch(new RegExp(what));
    try {
      await shows("Conversation \\S+ with ParallelToolAgent\\.");
      terminal.enter("Weather in Tokyo?");
      await shows("- Tokyo, Japan: 18\\.4 °C");
      const listed = await project.fanout(["runs", "--json"]);
      const shown = await project.fanout(["show", JSON.parse(listed.stdout)[0].id, "--json"]);
      expect(JSON.parse(shown.stdout).input, "it is told while it is written").toMatchObject({
        message: "Weather in Tokyo?",
        events: "text",
      });
      first.child.kill("SIGKILL");
      await first.outcome;
      terminal.enter("Weather in London?");
      await shows(`${first.state.ingressUrl} does not answer\\. Waiting for it\\.`);
      const taken = createServer().listen(Number(new URL(first.state.ingressUrl).port), "127.0.0.1");
      const second = await project.up();
      taken.close();
      expect(second.state.ingressUrl).not.toBe(first.state.ingressUrl);
      await shows(`${second.state.ingressUrl} answers again\\.`);
      await shows("- London, United Kingdom: 11\\.6 °C");
      terminal.enter("/history");
      await shows("> Weather in Tokyo\\?[^]*> Weather in London\\?[^]*> Weather in Tokyo\\?");
      terminal.type(KEYS.ctrlD);
      expect(await terminal.ended).toBe(0);
      second.child.kill("SIGTERM");
      await second.outcome;
    } finally {
      await terminal.close();
    }
    await project.nothingLeft();
  },
  120_000,
);
