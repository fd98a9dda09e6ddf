import { DBOS } from "@dbos-inc/dbos-sdk";
import type { ModelMessage } from "ai";
import type { Contestant } from "../harness/contestant.ts";
import { setting } from "../harness/setting.ts";
import { outputsOf, resultsMessage, think, work } from "./shared.ts";

const agent = DBOS.registerWorkflow(
  async (prompt: string): Promise<string> => {
    const messages: ModelMessage[] = [{ role: "user", content: prompt }];
    for (;;) {
      const turn = await DBOS.runStep(() => think(messages), { name: "model" });
      if (turn.calls.length === 0) return turn.text;
      const settled = await Promise.allSettled(
        turn.calls.map((call) => DBOS.runStep(() => work(call.input), { name: call.toolName })),
      );
      messages.push(...turn.messages, resultsMessage(turn.calls, outputsOf(settled)));
    }
  },
  { name: "agent" },
);

/** A DBOS workflow in one process: each model reply and each call is a step that is stored in Postgres. */
export async function start(): Promise<Contestant> {
  DBOS.setConfig({ name: "bench", systemDatabaseUrl: setting("DBOS_DATABASE_URL"), logLevel: "error" });
  await DBOS.launch();
  return { run: (prompt) => agent(prompt), stop: () => DBOS.shutdown() };
}
