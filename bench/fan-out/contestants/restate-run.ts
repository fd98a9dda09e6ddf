import * as restate from "@restatedev/restate-sdk/lambda";
import type { ModelMessage } from "ai";
import { startRestateAgent } from "../harness/restate-agent.ts";
import { resultsMessage, think, work } from "./shared.ts";

const agent = restate.service({
  name: "Agent",
  handlers: {
    run: async (ctx: restate.Context, prompt: string): Promise<string> => {
      const messages: ModelMessage[] = [{ role: "user", content: prompt }];
      for (;;) {
        const turn = await ctx.run("model", () => think(messages));
        if (turn.calls.length === 0) return turn.text;
        const outputs = await restate.RestatePromise.all(
          turn.calls.map((call) => ctx.run(call.toolCallId, () => work(call.input))),
        );
        messages.push(...turn.messages, resultsMessage(turn.calls, outputs));
      }
    },
  },
});

/** Each call is a durable step of the agent's own function, as in Restate's guide to parallel tools. */
export const start = () => startRestateAgent({ agent });
