import { implementTool, serve, type ToolContext, ToolError } from "fanout/tool";
import { createTransport } from "nodemailer";
import type * as z from "zod";
import { toToolError } from "./error.ts";
import tool from "./tool.ts";

/** How long connecting may take, from the DNS lookup to the end of TLS, in ms: three attempts fit into the call's timeout. */
const CONNECT_TIMEOUT_MS = 5_000;
/** How long the server may be silent, in ms. */
const SILENCE_TIMEOUT_MS = 8_000;

type Context = ToolContext<keyof typeof tool.env, (typeof tool.secrets)[number]>;

/**
 * Hands one message to the mail server. Its Message-ID is derived from the call, so that a message that was sent twice
 * (because the connection or this function broke before the server's answer arrived) is recognised as one.
 */
export async function sendEmail(
  { to, subject, text }: z.output<typeof tool.input>,
  { env, secrets, signal, idempotencyKey }: Context,
) {
  const transport = createTransport({
    url: smtpUrl(secrets.SMTP_URL),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
  });
  try {
    const messageId = `<${idempotencyKey}@${domainOf(env.MAIL_FROM)}>`;
    const sent = await transport.sendMail({ from: env.MAIL_FROM, to, subject, text, messageId, signal });
    return { messageId, accepted: sent.accepted.map(address), rejected: sent.rejected.map(address) };
  } catch (error) {
    throw toToolError(error, signal);
  } finally {
    transport.close();
  }
}

function smtpUrl(url: string): string {
  if (/^smtps?:\/\//.test(url)) return url;
  throw new ToolError("SMTP_URL: expected smtp://… or smtps://…");
}

const domainOf = (from: string) => /@([\w.-]+)/.exec(from)?.[1] ?? "localhost";
const address = (recipient: string | { address: string }) =>
  typeof recipient === "string" ? recipient : recipient.address;

export const service = implementTool(tool, sendEmail);
export const handler = serve(service);
