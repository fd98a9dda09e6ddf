import { setTimeout as sleep } from "node:timers/promises";
import {
  type CloudWatchLogsClient,
  GetQueryResultsCommand,
  type ResultField,
  StartQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { GetFunctionConfigurationCommand, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import type { Installation } from "./installation.ts";
import type { Service } from "./services.ts";

/** How often a query's results are asked for, in ms, and for how long. */
const POLL_MS = 500;
const QUERY_MS = 60_000;
/** The most log groups that one query takes, and the most lines that it returns. */
const MOST_GROUPS = 50;
const MOST_LINES = 10_000;

/** A line that a function has written, with the service that it serves. */
export interface WrittenLine {
  source: string;
  text: string;
}

/**
 * Reads what the functions of services have logged, from CloudWatch.
 * @param where a condition in CloudWatch's query language, such as `message.run = "inv_1"`.
 * @param between when, in ms since the epoch.
 * @throws Error when a query fails, or takes longer than a minute.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
 */
export async function readLogs(
  { lambda }: Pick<Installation, "lambda">,
  logs: CloudWatchLogsClient,
  services: readonly Service[],
  where: string,
  between: { from: number; to: number },
): Promise<WrittenLine[]> {
  const groups = await Promise.all(
    services.map(async ({ name, functionName }): Promise<[string, string][]> => {
      const group = await logGroupOf(lambda, functionName);
      return group === undefined ? [] : [[group, name]];
    }),
  );
  const names = new Map(groups.flat());
  const lines: WrittenLine[] = [];
  for (const some of chunks([...names.keys()], MOST_GROUPS)) {
    const rows = await runQuery(logs, some, where, between);
    lines.push(...rows.map((row) => toLine(row, names)));
  }
  return lines;
}

async function logGroupOf(lambda: Installation["lambda"], functionName: string): Promise<string | undefined> {
  try {
    const command = new GetFunctionConfigurationCommand({ FunctionName: functionName });
    return (await lambda.send(command)).LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function runQuery(
  logs: CloudWatchLogsClient,
  logGroupNames: string[],
  where: string,
  { from, to }: { from: number; to: number },
): Promise<ResultField[][]> {
  const { queryId } = await logs.send(
    new StartQueryCommand({
      logGroupNames,
      startTime: Math.floor(from / 1000),
      endTime: Math.ceil(to / 1000),
      queryString: `fields @message, @log | filter ${where} | sort @timestamp asc | limit ${MOST_LINES}`,
    }),
  );
  for (const until = Date.now() + QUERY_MS; Date.now() < until; await sleep(POLL_MS)) {
    const { status, results = [] } = await logs.send(new GetQueryResultsCommand({ queryId }));
    if (status === "Complete") return results;
    if (status !== "Running" && status !== "Scheduled")
      throw new Error(`CloudWatch's query ended: ${status}.`);
  }
  throw new Error(`CloudWatch's query took longer than ${QUERY_MS / 1000} s.`);
}

/** `@log` is the account and the group: `123456789012:fanout-get_weather`. */
function toLine(row: readonly ResultField[], names: ReadonlyMap<string, string>): WrittenLine {
  const value = (name: string) => row.find(({ field }) => field === name)?.value ?? "";
  const group = value("@log").replace(/^\d+:/, "");
  return { source: names.get(group) ?? group, text: value("@message") };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
