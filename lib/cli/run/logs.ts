import { existsSync, readFileSync } from "node:fs";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { readDeploymentConfig } from "../../deployment/index.ts";
import { readLogs, servicesOf, type Whereabouts, type WrittenLine } from "../../operate/index.ts";
import { environment } from "../environment.ts";
import { installationOf, operate } from "../operating.ts";
import type { Project } from "../project.ts";
import { platformFiles } from "../state-file.ts";
import { type LogLine, linesOf, parseLine, parseLog, requestsOf } from "./log-lines.ts";
import { readRecord } from "./record.ts";

/** How far the clocks of Restate and of functions may be apart, in ms. */
const MARGIN_MS = 60_000;

interface LogsOptions extends Whereabouts {
  /** How far to look back, in ms. Default: to where the run began, as Restate says. */
  since?: number;
}

/** Reads a run's lines from the log of the local platform that runs, or ran last. */
export async function readLocalLog(
  { root, loadRoster }: Project,
  _options: LogsOptions,
  run: string,
): Promise<LogLine[]> {
  const { functionsLog } = platformFiles(root);
  if (!existsSync(functionsLog))
    throw new Error(`There is no log at ${functionsLog}: no platform has run here.`);
  const services = servicesOf(await loadRoster(), readDeploymentConfig(environment));
  return linesOf(parseLog(readFileSync(functionsLog, "utf8"), services), run);
}

/** Reads a run's lines from CloudWatch. */
export async function readDeployedLog(
  project: Project,
  options: LogsOptions,
  run: string,
): Promise<LogLine[]> {
  let lines: LogLine[] = [];
  await operate(project, options, async (installation, services) => {
    const logs = new CloudWatchLogsClient({});
    const between = await whenOf(project, options, run);
    const read = async (where: string) =>
      (await readLogs(installation, logs, services, where, between)).flatMap(toLogLine);
    const named = await read(`message.run = "${run}"`);
    const requests = [...requestsOf(named, run)].map((id) => `"${id}"`);
    lines = requests.length === 0 ? named : await read(`requestId in [${requests.join(", ")}]`);
  });
  return linesOf(lines, run);
}

async function whenOf(
  project: Project,
  { since, ...whereabouts }: LogsOptions,
  run: string,
): Promise<{ from: number; to: number }> {
  const now = Date.now();
  if (since !== undefined) return { from: now - since, to: now };
  const { startedAt, endedAt = now } = await readRecord(installationOf(project, whereabouts).admin, run);
  return { from: startedAt - MARGIN_MS, to: endedAt + MARGIN_MS };
}

function toLogLine({ source, text }: WrittenLine): LogLine[] {
  const line = parseLine(text);
  return line ? [{ source, ...line }] : [];
}
