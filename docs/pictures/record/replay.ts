import type { Entry, Replay } from "../replay.ts";
import { AGENT, json, type Platform, withPlatform } from "./platform.ts";

/** How long the model takes while the agent's function is killed, in ms: long enough to hit it. */
const SLOW_MODEL_MS = 3_000;
/** What the model usually takes on the local platform. */
const USUAL_MODEL_MS = 300;

const FUNCTION = `fanout-${AGENT}`;

interface Row {
  index: number;
  entry_type: string;
  name: string | null;
  at: number;
  json: string;
}

/** Asks the agent, kills its function while it asks the model for the second time, and keeps the journal. */
export const recordReplay = (): Promise<Replay> => withPlatform(record);

async function record(platform: Platform): Promise<Replay> {
  const { sandboxUrl, begin, ended, invocations, environments } = platform;
  await ended(await begin());
  const before = { functions: await invocations(), model: await modelRequests(platform) };
  const id = await begin();
  await when(
    () => journal(platform, id),
    (rows) => rows.some(({ entry_type }) => entry_type === "Notification: Run"),
  );
  await json(`${sandboxUrl}/_control/faults/openai`, "PUT", { latencyMs: SLOW_MODEL_MS });
  await when(
    () => modelRequests(platform),
    (count) => count - before.model === 2,
  );
  const killed = await journal(platform, id);
  for (const { pid, functionName } of environments())
    if (functionName === FUNCTION) process.kill(pid, "SIGKILL");
  await json(`${sandboxUrl}/_control/faults/openai`, "PUT", { latencyMs: USUAL_MODEL_MS });
  await ended(id);
  const functions = Object.entries(await invocations()).map(
    ([name, count]) => [name, count - (before.functions[name] ?? 0)] as const,
  );
  const rows = await journal(platform, id);
  return {
    agent: AGENT,
    entries: entriesOf(rows, killed.length),
    agentInvocations: functions.find(([name]) => name === FUNCTION)?.[1] ?? 0,
    toolInvocations: functions.reduce((sum, [name, count]) => sum + (name === FUNCTION ? 0 : count), 0),
    modelRequests: (await modelRequests(platform)) - before.model,
  };
}

/** What the code of the agent waits for or says: a command, and its result where it has one. */
function entriesOf(rows: readonly Row[], beforeKill: number): Entry[] {
  return rows.flatMap(({ entry_type, name, json: text, index }): Entry[] => {
    const kind = entry_type.replace("Command: ", "");
    const kept = index < beforeKill;
    const target = JSON.parse(text).Command?.Call?.invocation_target?.Service?.name;
    return entry_type.startsWith("Command: ") ? [{ kind, name: name || target || "", kept }] : [];
  });
}

async function journal({ adminUrl }: Platform, id: string): Promise<Row[]> {
  const query = `SELECT index, entry_type, name, entry_lite_json AS json FROM sys_journal WHERE id = '${id}' ORDER BY index`;
  return ((await json(`${adminUrl}/query`, "POST", { query })) as { rows: Row[] }).rows;
}

async function modelRequests({ sandboxUrl }: Platform): Promise<number> {
  return ((await json(`${sandboxUrl}/_control/requests`)) as Record<string, number>).openai ?? 0;
}

async function when<T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<void> {
  for (let tries = 0; tries < 1_000; tries++) if (holds(await read())) return;
  throw new Error("The run did not get to where it was to be killed.");
}
