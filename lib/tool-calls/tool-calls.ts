import {
  CancelledError,
  type Context,
  handlers,
  service,
  TerminalError,
  TimeoutError,
} from "@restatedev/restate-sdk/lambda";
import * as z from "zod";
import {
  type Callee,
  type CallReport,
  DurableCall,
  ignoreCallHeader,
  isCancelled,
  LISTENING,
  orCancelled,
} from "../call/index.ts";
import { watchField } from "../events/index.ts";
import { cleanMessage, jsonSerde } from "../runtime/index.ts";
import { readExposed, TOOL_CALLS } from "./exposed.ts";

const callRequest = z.strictObject({
  tool: z.string().max(100),
  input: z.record(z.string(), z.unknown()).describe("What the tool takes."),
});

const callResult = z.object({
  output: z.unknown(),
  truncated: z.boolean().describe("Whether the output was cut, so that it may no longer fit its contract."),
});

/** A setting of the deployment: the same for every attempt of a call, because calls stay on the version they started on. */
const exposed = readExposed();

/** Who watches the call reads that it waits for an approval, and nothing else: the rest is in the result. */
const watched = watchField({ mode: "turns", path: [] });

/**
 * The service. Its function serves it even where no tool is exposed, and keeps it private then: were it left out, Restate would go on
 * calling an earlier version, which may expose some.
 */
export const toolCalls = service({
  name: TOOL_CALLS,
  description: "Calls tools for those outside any run, such as MCP clients",
  handlers: {
    call: handlers.handler(
      {
        input: jsonSerde(callRequest),
        output: jsonSerde(callResult),
        hooks: [ignoreCallHeader],
        ingressPrivate: exposed.size === 0,
      },
      (ctx: Context, { tool, input }: z.output<typeof callRequest>) =>
        callExposed(ctx, calleeOf(tool), input),
    ),
    names: handlers.handler({ ingressPrivate: exposed.size === 0 }, async () => [...exposed.keys()]),
  },
  options: LISTENING,
});

/** @throws TerminalError 404 that lists what may be called. */
function calleeOf(name: string): Callee {
  const callee = exposed.get(name);
  if (callee) return callee;
  const names = [...exposed.keys()].join(", ") || "none";
  throw new TerminalError(`No tool "${name}" is exposed. Exposed tools: ${names}.`, { errorCode: 404 });
}

/**
 * Calls a tool as an agent does: durably, within its timeout, when somebody has approved it if it needs that.
 * @throws TerminalError with what a person may read.
 */
async function callExposed(
  ctx: Context,
  callee: Callee,
  input: object,
): Promise<z.output<typeof callResult>> {
  const call = new DurableCall(ctx, callee, {
    input,
    toldByCallee: true,
    header: callee.approval === "always" ? watched : {},
    read: ({ output, truncated }: CallReport) => ({ output, truncated }),
  });
  try {
    return await orCancelled(ctx, call.withinTimeout());
  } catch (error) {
    if (error instanceof TimeoutError)
      throw new TerminalError(`timeout after ${callee.timeout.seconds} s`, { errorCode: 504 });
    if (error instanceof CancelledError || !(error instanceof TerminalError)) throw error;
    throw new TerminalError(cleanMessage(error), { errorCode: error.code });
  } finally {
    await (isCancelled(ctx) ? call.cancel() : call.cancelIfTimedOut());
  }
}
