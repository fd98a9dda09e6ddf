import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { defaults } from "../../../bin/defaults.ts";
import type { AgentOutput } from "../../../lib/agent/index.ts";
import type { PlatformState } from "../../../lib/cli/state-file.ts";
import type { Stats } from "../../../lib/lambda-host/index.ts";
import { type ReceivedSpan, startCollector } from "../../../test/support/collector.ts";
import { copyProject } from "../../../test/support/project.ts";

/** The agent that is asked, and what. */
export const AGENT = "ParallelToolAgent";
export const QUESTION = defaults.question ?? "";
/** Spans are sent before a function answers, and the last answer is the run's. */
const SPANS_ARRIVE_MS = 500;

/** A local platform in a copy of the project, with the spans that it has told. */
export interface Platform extends PlatformState {
  spans: ReceivedSpan[];
  /** Begins a run. @returns its id. */
  begin(): Promise<string>;
  /** Waits until a run has ended. @returns its output. */
  ended(id: string): Promise<AgentOutput>;
  /** How often each function was invoked. */
  invocations(): Promise<Record<string, number>>;
  /** The execution environments of all functions. */
  environments(): Environment[];
}

/** @throws Error when another platform has the usual ports. */
export async function withPlatform<T>(work: (platform: Platform) => Promise<T>): Promise<T> {
  const collector = await startCollector();
  const project = copyProject();
  try {
    writeFileSync(join(project.root, ".env"), `OTEL_EXPORTER_OTLP_ENDPOINT=${collector.url}\n`);
    const { state } = await project.up("--no-watch");
    const { ingressUrl, lambdaUrl } = state;
    return await work({
      ...state,
      spans: collector.spans,
      begin: async () =>
        ((await json(`${ingressUrl}/restate/send/${AGENT}/run`, "POST", { message: QUESTION })) as Sent)
          .invocationId,
      async ended(id) {
        const output = (await json(`${ingressUrl}/restate/attach/${id}`)) as AgentOutput;
        await sleep(SPANS_ARRIVE_MS);
        return output;
      },
      async invocations() {
        const { functions } = (await json(`${lambdaUrl}/_stats`)) as Stats;
        return Object.fromEntries(
          Object.entries(functions).map(([name, { invocations }]) => [name, invocations]),
        );
      },
      environments: () => project.processes().flatMap((line) => environmentOf(Number.parseInt(line, 10))),
    });
  } finally {
    await project.remove();
    await collector.stop();
  }
}

interface Sent {
  invocationId: string;
}

/** An execution environment is a process of one function. */
interface Environment {
  pid: number;
  functionName: string;
}

function environmentOf(pid: number): Environment[] {
  const [, functionName] =
    /\0AWS_LAMBDA_FUNCTION_NAME=([^\0]+)/.exec(readFileSync(`/proc/${pid}/environ`, "utf8")) ?? [];
  return functionName ? [{ pid, functionName }] : [];
}

export async function json(url: string, method = "GET", body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json", accept: "application/json" },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response.json();
}
