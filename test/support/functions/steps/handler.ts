import { RestatePromise } from "@restatedev/restate-sdk/lambda";
import { composeTool, serve } from "../../../../lib/tool/index.ts";
import tool from "./tool.ts";

export const service = composeTool(tool, async ({ numbers }, { run }) => ({
  doubled: await RestatePromise.all(numbers.map((number) => run(`double ${number}`, () => number * 2))),
}));
export const handler = serve(service);
