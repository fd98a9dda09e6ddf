import { RestatePromise } from "@restatedev/restate-sdk/lambda";
import { composeTool, serve } from "../../../../lib/tool/index.ts";
import slow from "../slow/tool.ts";
import tool from "./tool.ts";

export const service = composeTool(tool, async ({ numbers, gated }, { run, call }) => {
  const doubled = await RestatePromise.all(
    numbers.map((number) => run(`double ${number}`, () => number * 2)),
  );
  if (gated !== undefined) {
    // A stage of steps, and then one of calls.
    await run("gated", async () =>
      (await fetch(`${process.env.GATE_URL}/${gated}`, { method: "POST" })).text(),
    );
    await call(slow, { id: `after-${gated}` });
  }
  return { doubled };
});
export const handler = serve(service);
