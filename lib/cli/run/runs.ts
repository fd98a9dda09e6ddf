import * as z from "zod";
import { agentOf, conversationOf } from "../../agent/index.ts";
import { type Admin, query } from "../../restate/index.ts";
import { firstLine, readOutput } from "./journal.ts";
import { type RunState, stateOf } from "./record.ts";
import type { InvocationRow } from "./tables.ts";

/** Which runs to list. */
export interface RunFilter {
  agents: readonly string[];
  state?: RunState | undefined;
  /** Begun at or after this; ms since the epoch. */
  since?: number | undefined;
  /** The newest ones. */
  limit: number;
}

/** A run in a list. Times are ms since the epoch, by the server's clock. */
export interface ListedRun {
  id: string;
  agent: string;
  state: RunState;
  startedAt: number;
  endedAt?: number;
  /** Why it failed, or why its last attempt did. */
  failure?: string;
  /** From the output of a run that succeeded; an agent with a loop of its own may give none. */
  finishReason?: string | undefined;
  turns?: number | undefined;
  toolCalls?: number | undefined;
  inputTokens?: number | undefined;
  outputTokens?: number | undefined;
  costUsd?: number | undefined;
}

/** The states of `sys_invocation`, and what else tells runs apart, in SQL. */
const STATES: Record<RunState, string> = {
  running: "status NOT IN ('completed', 'paused', 'backing-off')",
  retrying: "status = 'backing-off'",
  paused: "status = 'paused'",
  succeeded: "status = 'completed' AND completion_result = 'success'",
  failed: "status = 'completed' AND completion_result = 'failure' AND completion_failure NOT LIKE '[409]%'",
  cancelled: "status = 'completed' AND completion_result = 'failure' AND completion_failure LIKE '[409]%'",
};
export const runStates = Object.keys(STATES) as RunState[];

/** Lists what people have asked agents, in conversations too, the newest first: as far back as Restate keeps ended runs. */
export async function readRuns(
  admin: Admin,
  { agents, state, since, limit }: RunFilter,
): Promise<ListedRun[]> {
  const conditions = [
    `((target_handler_name = 'run' AND target_service_name IN (${list(agents)}))
      OR (target_handler_name = 'send' AND target_service_name IN (${list(agents.map(conversationOf))})))`,
    ...(state ? [STATES[state]] : []),
    ...(since === undefined ? [] : [`created_at >= to_timestamp_millis(${since})`]),
  ];
  const rows = await query<InvocationRow & { service: string }>(
    admin,
    `SELECT id, target_service_name AS service, status, created_at, completed_at, completion_result,
       completion_failure, last_failure
     FROM sys_invocation WHERE ${conditions.join(" AND ")} ORDER BY created_at DESC LIMIT ${limit}`,
  );
  const outputs = await readOutputs(admin, rows);
  return rows.map((row) => toListed(row, outputs.get(row.id)));
}

const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(", ");

async function readOutputs(admin: Admin, rows: readonly InvocationRow[]): Promise<Map<string, Totals>> {
  const ids = rows.filter((row) => stateOf(row) === "succeeded").map(({ id }) => `'${id}'`);
  if (ids.length === 0) return new Map();
  const entries = await query<{ id: string; entry_json: string }>(
    admin,
    `SELECT id, entry_json FROM sys_journal
     WHERE entry_type = 'Command: Output' AND id IN (${ids.join(", ")})`,
  );
  return new Map(
    entries.map(({ id, entry_json }) => {
      const row = { entry_type: "Command: Output", appended_at: "", entry_json };
      return [id, totals.parse(readOutput([row]))];
    }),
  );
}

/** The part of an agent's output that a list shows. */
const totals = z
  .object({
    finishReason: z.string(),
    turns: z.number(),
    toolCalls: z.array(z.unknown()).transform((calls) => calls.length),
    usage: z.object({
      inputTokens: z.number(),
      outputTokens: z.number(),
      costUsd: z.number().optional(),
    }),
  })
  .transform(({ usage, ...rest }) => ({ ...rest, ...usage }))
  .optional()
  .catch(undefined);
type Totals = z.output<typeof totals>;

function toListed(row: InvocationRow & { service: string }, output: Totals): ListedRun {
  const failure = firstLine(row.completion_failure ?? row.last_failure);
  return {
    id: row.id,
    agent: agentOf(row.service),
    state: stateOf(row),
    startedAt: Date.parse(row.created_at),
    ...(row.completed_at && { endedAt: Date.parse(row.completed_at) }),
    ...(failure && { failure }),
    ...output,
  };
}
