import * as z from "zod";
import { defineTool } from "../../../../tool/index.ts";

export default defineTool({
  name: "send_note",
  description: "Sends a note to the demo's mailbox.",
  input: z.object({ text: z.string() }),
  output: z.object({ id: z.string() }),
  effect: "write",
  env: { MAILBOX_URL: "" },
});
