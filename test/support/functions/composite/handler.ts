import { RestatePromise } from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import { composeTool, serve } from "../../../../lib/tool/index.ts";
import fails from "../fails/tool.ts";
import gate from "../gate/tool.ts";
import guarded from "../guarded/tool.ts";
import slow from "../slow/tool.ts";
import tool from "./tool.ts";

export const service = composeTool(tool, async (input, { call, sleep, waitFor, runId }) => {
  if (input.sleepMs !== undefined) await sleep(input.sleepMs);
  const parts = [
    ...input.ids.map((id) => call(gate, { id })),
    ...input.guarded.map((id) => call(guarded, { id })),
    ...input.waits.map(({ name, ms }) =>
      waitFor(name, {
        schema: z.object({ paid: z.number() }),
        ...(ms !== undefined && { timeout: { milliseconds: ms } }),
      }).map((value, reason) => {
        if (reason) throw reason;
        return { ...value, runId };
      }),
    ),
    ...(input.fail ? [call(fails, { how: "for-good" })] : []),
    ...(input.slow ? [call(slow, { id: "stuck" })] : []),
  ];
  if (input.native) await Promise[input.native as "all"](parts);
  if (input.inTurn) for (const part of parts) await part;
  const settled = await RestatePromise.allSettled(parts);
  return {
    told: settled.map((part) =>
      part.status === "fulfilled" ? JSON.stringify(part.value) : (part.reason as Error).message,
    ),
  };
});
export const handler = serve(service);
