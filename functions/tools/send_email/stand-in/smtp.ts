import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Turn } from "fanout/sandbox";
import { Hono } from "hono";
import PostalMime from "postal-mime";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";

/** How many mails are kept; the oldest are dropped first. */
const MAX_MAILS = 1000;
/** The largest message that is accepted, in bytes. */
const MAX_MESSAGE_BYTES = 1_048_576;

/** A caught mail. */
export interface CaughtMail {
  /** The header, with its angle brackets. */
  messageId: string;
  /** Addresses from the SMTP envelope, not from the headers. */
  from: string;
  to: string[];
  subject: string;
  text: string;
  /** How often a message with this Message-ID arrived. */
  deliveries: number;
}

/**
 * SMTP on a loopback port: accepts every mail from everybody, with any login, and delivers none; TLS is not offered. `/mail`
 * shows what it accepted, oldest first.
 * @param nextTurn asked for each mail that a client begins to send.
 */
export async function startSmtp(nextTurn: () => Turn) {
  const caught = new Map<string, CaughtMail>();
  const sockets = new Set<Socket>();
  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    size: MAX_MESSAGE_BYTES,
    logger: false,
    onAuth: (_login, _session, done) => done(null, { user: "sandbox" }),
    onMailFrom: (_address, _session, done) => {
      void misbehave(nextTurn()).then(done);
    },
    onData: (stream, session, done) => {
      receive(stream, session, caught).then(() => done(), done);
    },
  });
  // Clients that break off are not the sandbox's problem.
  server.on("error", () => {});
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  return {
    env: { SMTP_URL: `smtp://sandbox:sandbox@127.0.0.1:${port}` },
    control: new Hono().get("/mail", (c) => c.json([...caught.values()])),
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Waits, then says how the server answers the sender's address: undefined accepts it. Never resolves if told to hang. */
async function misbehave({ latencyMs, hang, trouble }: Turn): Promise<Error | undefined> {
  if (hang) return new Promise(() => {});
  await sleep(latencyMs, undefined, { ref: false });
  if (trouble === 429) return refusal(421, "Too many messages, try again later (sandbox)");
  return trouble === 500 ? refusal(451, "Local error in processing (sandbox)") : undefined;
}

const refusal = (responseCode: number, message: string) =>
  Object.assign(new Error(message), { responseCode });

async function receive(
  stream: SMTPServerDataStream,
  { envelope, id }: SMTPServerSession,
  caught: Map<string, CaughtMail>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  if (stream.sizeExceeded) throw refusal(552, "Message too large (sandbox)");
  const message = await PostalMime.parse(Buffer.concat(chunks));
  // Without its own id a message cannot be recognised when it is repeated.
  const messageId = message.messageId || `<${id}@sandbox>`;
  const before = caught.get(messageId);
  caught.set(messageId, {
    messageId,
    subject: message.subject ?? "",
    // The line end that closes a message is not part of the text.
    text: (message.text ?? "").replace(/\n$/, ""),
    from: envelope.mailFrom ? envelope.mailFrom.address : "",
    to: envelope.rcptTo.map(({ address }) => address),
    deliveries: (before?.deliveries ?? 0) + 1,
  });
  const [oldest] = caught.keys();
  if (caught.size > MAX_MAILS && oldest !== undefined) caught.delete(oldest);
}
