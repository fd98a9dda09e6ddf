import { createTransport } from "nodemailer";
import { implementTool, serve } from "../../../../tool/index.ts";
import tool from "./tool.ts";

export const service = implementTool(tool, async ({ text }, { secrets, idempotencyKey }) => {
  const transport = createTransport(secrets.SMTP_URL);
  try {
    // The same for every try of this call, so that a note which is sent twice is known for one.
    const messageId = `<${idempotencyKey}@fanout.localhost>`;
    const from = "demo@fanout.localhost";
    await transport.sendMail({ messageId, from, to: "you@fanout.localhost", subject: "A note", text });
    return { messageId };
  } finally {
    transport.close();
  }
});
export const handler = serve(service);
