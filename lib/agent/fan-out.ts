import { type Context, type InvocationPromise, RestatePromise, serde } from "@restatedev/restate-sdk/lambda";
import type { Tool, ToolResult } from "../tool/index.ts";
import { check } from "../tool/schema.ts";
import type { Call } from "./models/seam.ts";
import { type CallResult, refused, settled } from "./results.ts";

/** A call that has a tool and fits its schema. */
interface SoundCall {
  call: Call;
  tool: Tool;
}

/**
 * Executes the calls of one turn, each as a durable call of its tool's service, and returns one result per call, in the
 * order of the calls (F1). The agent's function suspends while the tools work and resumes once per group of calls.
 */
export async function fanOut(
  ctx: Context,
  tools: readonly Tool[],
  calls: readonly Call[],
): Promise<CallResult[]> {
  const checked = calls.map((call) => checkCall(tools, call));
  const results = new Map(checked.filter(isRefused).map((result) => [result.call, result]));
  for (const group of groupByEffect(checked.filter(isSound))) {
    for (const result of await runTogether(ctx, group)) results.set(result.call, result);
  }
  return calls.map((call) => results.get(call) as CallResult);
}

const isRefused = (checked: SoundCall | CallResult): checked is CallResult => "status" in checked;
const isSound = (checked: SoundCall | CallResult): checked is SoundCall => !isRefused(checked);

/** A call to a service that is not registered would be retried for ever, and bad input is cheaper to refuse here (F8). */
function checkCall(tools: readonly Tool[], call: Call): SoundCall | CallResult {
  const tool = tools.find(({ name }) => name === call.tool);
  if (!tool) {
    const names = tools.map(({ name }) => name).join(", ");
    return refused(call, "unknown-tool", `Unknown tool "${call.tool}". Tools: ${names}.`);
  }
  if (typeof call.input === "string") {
    return refused(
      call,
      "invalid-input",
      `The arguments of ${tool.name} are not valid JSON: ${call.input.slice(0, 200)}`,
    );
  }
  const { problem } = check(tool.input, call.input);
  return problem === undefined ? { call, tool } : refused(call, "invalid-input", problem);
}

/** F5: reads run together; a write runs alone, after every call before it and before every call after it. */
function groupByEffect(calls: readonly SoundCall[]): SoundCall[][] {
  const groups: SoundCall[][] = [];
  for (const sound of calls) {
    const last = groups.at(-1);
    const joins = sound.tool.effect === "read" && last?.[0]?.tool.effect === "read";
    if (joins) last?.push(sound);
    else groups.push([sound]);
  }
  return groups;
}

/**
 * Issues every call, then awaits ONE combinator: with a single wrapper per call, inside `allSettled`, the server wakes
 * the agent once, when the last call is done.
 */
async function runTogether(ctx: Context, group: readonly SoundCall[]): Promise<CallResult[]> {
  const outcomes = await RestatePromise.allSettled(
    // F4: the timeout is durable, and counts retries and queueing.
    group.map(({ call, tool }) => issue(ctx, call).orTimeout(tool.timeout)),
  );
  return group.map(({ call, tool }, index) =>
    settled(call, tool, outcomes[index] as PromiseSettledResult<ToolResult>),
  );
}

/** Output is plain JSON here: the tool has checked it, and a schema that throws while the journal is read would never end. */
function issue(ctx: Context, call: Call): InvocationPromise<ToolResult> {
  return ctx.genericCall<unknown, ToolResult>({
    service: call.tool,
    method: "run",
    parameter: call.input,
    inputSerde: serde.json,
    outputSerde: serde.json,
    name: call.id,
  });
}
