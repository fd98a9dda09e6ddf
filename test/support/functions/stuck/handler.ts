import { type Context, service } from "@restatedev/restate-sdk/lambda";
import { serve } from "../../../../lib/tool/index.ts";
import tool from "./tool.ts";

/** Not made with the kit, whose failures end a call: this one is meant to be paused. */
export const handler = serve(
  service({
    name: tool.name,
    handlers: {
      run: async (ctx: Context, { id }: { id: string }) => {
        await ctx.run("ask the gate", async () => {
          const response = await fetch(`${process.env.GATE_URL}/${id}`, { method: "POST" });
          if (!response.ok) throw new TypeError(await response.text());
        });
        return { id };
      },
    },
    options: { retryPolicy: { initialInterval: 1, maxAttempts: 2, onMaxAttempts: "pause" } },
  }),
);
