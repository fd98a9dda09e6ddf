import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LambdaHost, startLambdaHost } from "../../../lib/lambda-host/index.ts";
import type { Counts } from "./contestant.ts";
import { setting } from "./setting.ts";

/** Fanout's Lambda host, with a process for each execution environment. */
export type LocalLambda = LambdaHost & { counts(): Promise<Counts> };

export async function startLocalLambda(): Promise<LocalLambda> {
  const log = createWriteStream(join(setting("DIRECTORY"), "functions.log"));
  const host = await startLambdaHost({
    functions: [],
    onLog: ({ function: name, text }) => log.write(`${name} ${text}\n`),
  });
  return { ...host, counts: () => takeCounts(host) };
}

async function takeCounts({ url, stats }: LambdaHost): Promise<Counts> {
  const { agent, work } = stats().functions;
  await fetch(`${url}/_stats/reset`, { method: "POST" });
  return {
    agentInvocations: agent?.invocations ?? 0,
    toolInvocations: work?.invocations ?? 0,
    agentBytes: agent?.bytesIn ?? 0,
  };
}

/** Waits until a function's provisioned environments are initialised. */
export async function untilProvisioned({ url }: { url: string }, name: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/2019-09-30/functions/${name}/provisioned-concurrency?Qualifier=1`);
    const { Status } = (await response.json()) as { Status: string };
    if (Status === "READY") return;
    if (Status !== "IN_PROGRESS") throw new Error(`The environments of ${name} are ${Status}`);
    await sleep(200);
  }
}
