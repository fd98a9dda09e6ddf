import { agentOf } from "../../agent/index.ts";
import type { Admin } from "../../restate/index.ts";
import { type RunApproval, readApprovalsOf } from "./approvals.ts";
import { firstLine, readInput, readOutput } from "./journal.ts";
import { type RunProgress, toProgress } from "./progress.ts";
import { type InvocationRow, readTables } from "./tables.ts";

/** How far a run is, or how it ended. */
export type RunState = "running" | "retrying" | "paused" | "succeeded" | "failed" | "cancelled";

/** Everything that Restate knows of a run. */
export interface RunRecord extends RunProgress {
  id: string;
  agent: string;
  state: RunState;
  /** What the agent was given; undefined where Restate has forgotten the journal. */
  input: unknown;
  /** What it returned. */
  output?: unknown;
  /** What somebody was asked to approve, if anything. */
  approvals?: RunApproval[];
  /** Why it failed, or why its last attempt did. */
  failure?: string;
}

/**
 * Reads a run with its inputs and outputs.
 * @throws Error in plain words when there is no such run.
 */
export async function readRecord(admin: Admin, id: string): Promise<RunRecord> {
  const tables = await readTables(admin, id, { whole: true }).catch((error) => {
    // To a server, an id that it cannot take apart is an error of its query engine.
    throw /non valid invocation id/.test(String(error)) ? noSuchRun(admin, id) : error;
  });
  const run = tables.invocations.get(id);
  if (!run) throw noSuchRun(admin, id);
  const [journal = []] = tables.journals;
  const output = readOutput(journal);
  const approvals = await readApprovalsOf(admin, id, run.status === "completed");
  const failure = firstLine(run.completion_failure ?? tables.invocations.get(tables.current)?.last_failure);
  return {
    id,
    agent: agentOf(run.service ?? "?"),
    state: stateOf(run),
    input: readInput(journal),
    ...toProgress(run, tables),
    ...(output !== undefined && { output }),
    ...(approvals.length > 0 && { approvals }),
    ...(failure && { failure }),
  };
}

const noSuchRun = (admin: Admin, id: string): Error =>
  new Error(
    `There is no run "${id}" at ${admin.url}. Restate keeps a run for a day after its end; list them with: npx fanout runs`,
  );

/** A run's state, from its row of `sys_invocation`. */
export function stateOf(
  row: Pick<InvocationRow, "status" | "completion_result" | "completion_failure">,
): RunState {
  if (row.status === "completed") {
    if (row.completion_result === "success") return "succeeded";
    // Restate's own code for what was cancelled or killed.
    return row.completion_failure?.startsWith("[409]") ? "cancelled" : "failed";
  }
  if (row.status === "paused") return "paused";
  return row.status === "backing-off" ? "retrying" : "running";
}
