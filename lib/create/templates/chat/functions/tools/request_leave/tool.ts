import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "request_leave",
  description: "Requests leave for the user, from a first day to a last day.",
  input: z.object({
    from: z.iso.date().describe("The first day: YYYY-MM-DD."),
    to: z.iso.date().describe("The last day: YYYY-MM-DD."),
  }),
  output: z.object({ id: z.string().describe("The request's id.") }),
  // It changes something: it runs in a durable step, and in no agent that does not name it.
  effect: "write",
  // Each call waits, for a day at most, until somebody approves it.
  approval: "always",
  env: { LEAVE_URL: "https://leave.example.com" },
  setup: "request_leave: put the address of the system where leave is requested into LEAVE_URL",
});
