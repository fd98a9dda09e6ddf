import { format } from "node:util";
import {
  type Context,
  type LoggerTransport,
  type LogMetadata,
  type Request,
  RestateError,
  TerminalError,
} from "@restatedev/restate-sdk/lambda";
import { cleanMessage } from "./clean-message.ts";
import { errorOrigin } from "./error-origin.ts";

type Line = { level: `${LogMetadata["level"]}`; event: string } & Record<string, unknown>;

/**
 * Writes log lines as objects: `event`, `service`, `invocation`, `run`, `call`, and the line's own fields. Lambda's runtime
 * makes each one the `message` of a JSON object, and leaves out those below the function's log level.
 * Above debug level nothing repeats an input, an output or an error's message.
 * @param originOf what an invocation is part of: its `run` and its `call`.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
export function logTransport(originOf: (invocation: Request) => object): LoggerTransport {
  return (metadata, message, ...details) => {
    const { level, source, replaying, context } = metadata;
    if (replaying) return;
    const isOwn = `${source}` === "USER";
    const lines = isOwn ? [ownLine(level, message, details)] : sdkLines(metadata, message, details.flat());
    for (const { level, event, ...fields } of lines) {
      // biome-ignore lint/suspicious/noConsole: this is where a function's log is written.
      console[level]({
        event,
        ...(context && { service: context.serviceName, invocation: context.invocationId }),
        ...(context?.request && originOf(context.request)),
        ...fields,
      });
    }
  };
}

/** Logs an error that nobody foresaw: where it came from, and at debug level what it says. */
export function logUnexpected(
  { console }: Pick<Context, "console">,
  error: unknown,
  secretValues: readonly string[] = [],
): void {
  const event = "unexpected error";
  console.error({ event, ...errorOrigin(error) });
  console.debug({ event, text: cleanMessage(error, secretValues) });
}

/** A line of ours is an object with an event; an agent of somebody's own may write what it likes. */
function ownLine(level: LogMetadata["level"], message: unknown, details: unknown[]): Line {
  return typeof message === "object" && message !== null && "event" in message
    ? { ...message, level, event: String(message.event) }
    : { level, event: "log", text: format(message, ...details) };
}

/** What the SDK says at each cold start. Here only IAM lets anybody invoke the function. */
const UNSIGNED = "Accepting requests without validating request signatures";

/** The SDK's lines quote errors: whole at debug level; above it, that there was one and where it came from. */
function sdkLines({ level, source }: LogMetadata, message: unknown, details: unknown[]): Line[] {
  const text = format(message, ...details);
  if (text.startsWith(UNSIGNED)) return [];
  const whole: Line = { level: "debug", event: "sdk", text };
  if (level !== "warn" && level !== "error") return [whole];
  const error = details.find((detail) => detail instanceof Error);
  // How an invocation ends is ours to log; a request that is refused for its input never reaches our code.
  if (error instanceof TerminalError)
    return error.code === 400 ? [{ level: "info", event: "request refused", code: 400 }, whole] : [whole];
  if (error) {
    const code = error instanceof RestateError ? error.code : undefined;
    return [{ level, event: "attempt failed", code, ...errorOrigin(error) }, whole];
  }
  // Outside of an attempt the SDK's own words come first, then what it quotes; the core repeats what the lines above say.
  return `${source}` === "SYSTEM" ? [{ level, event: "sdk", text: text.split(":", 1)[0] }, whole] : [whole];
}
