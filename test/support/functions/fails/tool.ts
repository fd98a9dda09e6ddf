import * as z from "zod";
import { defineTool } from "../../../../lib/tool/index.ts";

export default defineTool({
  name: "fails",
  description: "Fails as it is told to.",
  input: z.object({
    how: z.enum(["for-good", "twice", "always", "unexpectedly", "quoting", "quoting-unexpectedly"]),
    text: z.string().default(""),
  }),
  output: z.object({ attempt: z.int() }),
  secrets: ["FAILS_SECRET"],
});
