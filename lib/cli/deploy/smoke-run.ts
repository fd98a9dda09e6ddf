import type { AgentOutput } from "../../agent/index.ts";
import { liveView } from "../drawing/live.ts";
import { print } from "../output.ts";
import type { RunRequest } from "../run/request.ts";
import { startRun } from "../run/start-run.ts";

/** A smoke run that was accepted and did not go well. */
class SmokeRunError extends Error {
  override readonly name = "SmokeRunError";

  constructor(invocationId: string, what: string) {
    super(`The smoke run ${invocationId} ${what}`);
  }
}

/**
 * Asks an agent one question through the ingress, as a client does, and prints the run's id and what it used. It goes well when the
 * model says that it is done and every call that it asked for was ok.
 * @throws Error in plain words when it does not go well, or does not begin.
 */
export async function smokeRun(request: RunRequest): Promise<void> {
  const run = await startRun(request);
  const output = await run.output(liveView(process.stderr), interrupted()).catch((error: Error) => {
    throw new SmokeRunError(run.invocationId, `did not answer. ${error.message}`);
  });
  const trouble = troubleIn(output);
  if (trouble !== undefined) throw new SmokeRunError(run.invocationId, trouble);
  print(`Smoke run ${run.invocationId}: ${used(output)}`);
}

/** An agent with a loop of its own returns what it likes: then its answering is all that is known. */
function troubleIn({ finishReason = "stop", toolCalls = [] }: Partial<AgentOutput<unknown>>) {
  if (finishReason !== "stop") return `ended before the model was done: ${finishReason}`;
  const failed = toolCalls.filter(({ status }) => status !== "ok");
  const [first] = failed;
  if (first === undefined) return undefined;
  return `has ${failed.length} of ${toolCalls.length} calls that failed: ${first.tool}: ${first.error ?? first.status}`;
}

function used({ toolCalls = [], usage }: Partial<AgentOutput<unknown>>): string {
  const calls = `ok, ${toolCalls.length} ${toolCalls.length === 1 ? "call" : "calls"}`;
  if (usage === undefined) return calls;
  const { inputTokens, outputTokens, costUsd } = usage;
  const cost = costUsd === undefined ? "" : `, $${costUsd.toPrecision(2)} for the model`;
  return `${calls}, ${inputTokens + outputTokens} tokens${cost}`;
}

function interrupted(): AbortSignal {
  const interrupt = new AbortController();
  process.on("SIGINT", () => interrupt.abort());
  return interrupt.signal;
}
