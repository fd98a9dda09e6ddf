import { defineTool } from "fanout/tool";
import * as z from "zod";

export default defineTool({
  name: "send_email",
  description: "Sends a plain-text email. It cannot be taken back: send only what was asked for.",
  input: z.object({
    to: z.array(z.email()).min(1).max(20).describe("The recipients' addresses, without names."),
    subject: z
      .string()
      .min(1)
      .max(200)
      // A line end here would begin another header.
      .regex(/^[^\r\n]*$/, "expected one line"),
    text: z.string().min(1).max(50_000).describe("The message as plain text."),
  }),
  output: z.object({
    messageId: z.string().describe("The Message-ID header: the same whenever this call is repeated."),
    accepted: z.array(z.string()).describe("Recipients for whom the mail server accepted the message."),
    rejected: z.array(z.string()).describe("Recipients that it refused."),
  }),
  effect: "write",
  env: { MAIL_FROM: "Fanout <fanout@localhost>" },
  secrets: ["SMTP_URL"],
});
