import * as restate from "@restatedev/restate-sdk/lambda";
import type { ModelMessage } from "ai";
import { startRestateAgent } from "../harness/restate-agent.ts";
import { outputsOf, resultsMessage, think, work } from "./shared.ts";

const tool = restate.service({
  name: "Work",
  handlers: { run: (_: restate.Context, input: { i: number; ms: number }) => work(input) },
});

const agent = restate.service({
  name: "Agent",
  handlers: {
    run: async (ctx: restate.Context, prompt: string): Promise<string> => {
      const messages: ModelMessage[] = [{ role: "user", content: prompt }];
      for (;;) {
        const turn = await ctx.run("model", () => think(messages));
        if (turn.calls.length === 0) return turn.text;
        const settled = await restate.RestatePromise.allSettled(
          turn.calls.map((call) => ctx.serviceClient(tool).run(call.input).orTimeout({ seconds: 30 })),
        );
        messages.push(...turn.messages, resultsMessage(turn.calls, outputsOf(settled)));
      }
    },
  },
});

/** The tool is a service on a function of its own, and each call a durable one: what Fanout does, and nothing more. */
export const start = () => startRestateAgent({ agent, tool });
