import { ToolError } from "fanout/tool";

/** What nodemailer says about a failure. @see https://nodemailer.com/errors */
interface SmtpFailure {
  code?: string;
  /** The command that the server answered. */
  command?: string;
  /** The server's reply code. */
  responseCode?: number;
  /** Whether the reply means that trying again is pointless: any 5xx but 503. */
  permanent?: boolean;
}

/** What the server refused, by the command that it answered. */
const REFUSED: Record<string, string> = {
  "MAIL FROM": "the sender",
  "RCPT TO": "every recipient",
  DATA: "the message",
};

/** Trouble on the way to the server, by code. The system's own messages contain addresses. */
const UNREACHED: Record<string, string> = {
  ETIMEDOUT: "did not answer in time",
  ECONNECTION: "broke the connection",
  ESOCKET: "could not be reached",
  EDNS: "could not be found",
  ETLS: "offers no secure connection",
  EPROTOCOL: "answered with something unreadable",
};

/**
 * Turns what went wrong into a result that the model can act on, without replies, addresses and credentials.
 * @see https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1 4xx passes, 5xx does not
 */
export function toToolError(error: unknown, signal: AbortSignal): ToolError {
  if (error instanceof ToolError) return error;
  const { problem, retryable } = signal.aborted
    ? { problem: "was not waited for any longer", retryable: false }
    : diagnose(error as SmtpFailure);
  return new ToolError(`The mail server ${problem}`, { retryable, cause: error });
}

function diagnose({ code = "", command = "", responseCode, permanent }: SmtpFailure) {
  if (responseCode !== undefined && permanent) {
    const what = code === "EAUTH" ? "the login" : (REFUSED[command] ?? "to talk");
    return { problem: `refused ${what} (status ${responseCode})`, retryable: false };
  }
  if (responseCode !== undefined)
    return { problem: `is not ready (status ${responseCode}). Try again later.`, retryable: true };
  const unreached = UNREACHED[code];
  return unreached
    ? { problem: unreached, retryable: true }
    : { problem: `cannot take the message (${code || "unknown reason"})`, retryable: false };
}
