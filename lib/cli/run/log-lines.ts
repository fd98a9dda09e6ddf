import type { Service } from "../../operate/index.ts";

/** A line that a function has logged, as Lambda's JSON log format has it. */
export interface LogLine {
  /** The function's service, or its function where it is no service. */
  source: string;
  /** ISO 8601. */
  timestamp: string;
  level: string;
  /** Lambda's id of the request that logged it. */
  requestId?: string;
  /** What was logged: an object for the lines of agents and tools, text for what a tool writes itself. */
  message: unknown;
}

/**
 * Reads a log of lines `<function> <what it wrote>`, as the local platform keeps it. What is no line of Lambda's JSON format is
 * left out.
 */
export function parseLog(text: string, services: readonly Service[]): LogLine[] {
  const names = new Map(services.map(({ functionName, name }) => [functionName, name]));
  return text.split("\n").flatMap((line) => {
    const [, functionName = "", written = ""] = /^(\S+) (\{.*\})$/.exec(line) ?? [];
    const parsed = parseLine(written);
    return parsed ? [{ source: names.get(functionName) ?? functionName, ...parsed }] : [];
  });
}

/** @returns undefined for what Lambda's runtime did not write. */
export function parseLine(written: string): Omit<LogLine, "source"> | undefined {
  try {
    const line = JSON.parse(written) as Partial<LogLine>;
    const { timestamp, level, message, requestId } = line;
    if (timestamp === undefined || level === undefined) return undefined;
    return { timestamp, level, message, ...(requestId !== undefined && { requestId }) };
  } catch {
    return undefined;
  }
}

/**
 * The lines of one run, in order of time: those that name it, and what else was written by the same requests, such as what a
 * tool writes itself.
 */
export function linesOf(lines: readonly LogLine[], run: string): LogLine[] {
  const requests = requestsOf(lines, run);
  return lines
    .filter((line) => runOf(line) === run || requests.has(line.requestId))
    .toSorted((a, b) => a.timestamp.localeCompare(b.timestamp));
}

/** Lambda's ids of the requests that a run caused, as far as the lines say. */
export function requestsOf(lines: readonly LogLine[], run: string): Set<string | undefined> {
  const named = lines.filter((line) => line.requestId !== undefined && runOf(line) === run);
  return new Set(named.map(({ requestId }) => requestId));
}

function runOf({ message }: LogLine): unknown {
  return message !== null && typeof message === "object" && "run" in message ? message.run : undefined;
}
