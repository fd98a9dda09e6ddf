import * as z from "zod";
import { defineTool } from "../../../../tool/index.ts";

export default defineTool({
  name: "look_up",
  description: "Looks a topic up in the demo's archive, which is slow.",
  input: z.object({ topic: z.string() }),
  output: z.object({ text: z.string() }),
  env: { ARCHIVE_URL: "" },
});
