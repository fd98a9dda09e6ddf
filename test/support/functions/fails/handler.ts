import { implementTool, serve, ToolError } from "../../../../lib/tool/index.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, ({ how, text }, { attempt, secrets }) => {
  switch (how) {
    case "for-good":
      throw new ToolError("No such thing.");
    case "always":
      throw new ToolError("Busy.", { retryable: true, retryAfterSeconds: 0 });
    case "unexpectedly":
      throw new TypeError("arn:aws:lambda:us-east-1:000000000000:function:x broke\n    at secret.ts:1:1");
    case "quoting":
      throw new ToolError(`No ${text} for ${secrets.FAILS_SECRET}.`);
    case "quoting-unexpectedly":
      throw new RangeError(`No ${text} for ${secrets.FAILS_SECRET}.`);
    case "twice":
      if (attempt < 3) throw new ToolError("Busy.", { retryable: true, retryAfterSeconds: 0 });
      return { attempt };
  }
});
export const handler = serve(service);
