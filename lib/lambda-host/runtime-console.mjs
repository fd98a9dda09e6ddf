// The console of an execution environment: it writes lines as Lambda does in its JSON log format.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
import { format } from "node:util";

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/**
 * Replaces the console's methods; those below a level write nothing.
 * @param {string | undefined} lowest one of the levels; else all are written.
 * @param {() => string | undefined} requestId the request that runs now.
 * @returns {(error: unknown) => void} what the runtime itself logs errors with.
 */
export function replaceConsole(lowest, requestId) {
  const write = (level, values) => process.stdout.write(`${toLine(level, requestId(), values)}\n`);
  const methods = LEVELS.map((level, rank) => [
    level.toLowerCase(),
    rank < LEVELS.indexOf(lowest) ? () => {} : (...values) => write(level, values),
  ]);
  const { info, ...rest } = Object.fromEntries(methods);
  Object.assign(console, { ...rest, info, log: info });
  return (error) => write("ERROR", [error]);
}

/** One value is the `message` as it is, several become a text. */
function toLine(level, requestId, values) {
  const head = { timestamp: new Date().toISOString(), level, requestId };
  const error = values.length > 1 ? values.find((value) => value instanceof Error) : undefined;
  const line = { ...head, message: values.length === 1 ? values[0] : format(...values), ...plain(error) };
  try {
    return JSON.stringify(line, (_, value) => (value instanceof Error ? plain(value) : value));
  } catch {
    return JSON.stringify({ ...head, message: format(...values) });
  }
}

function plain(error) {
  if (error === undefined) return {};
  const { message, stack = "" } = error;
  return { errorType: error.constructor.name, errorMessage: message, stackTrace: stack.split("\n") };
}
