import type { CallResult } from "../call/index.ts";
import { check, MAX_NESTING, nestsTooDeep } from "../runtime/index.ts";
import type { Tool } from "../tool/index.ts";
import type { Call } from "./models/seam.ts";
import { refused } from "./results.ts";
import { isSubAgent, MAX_DEPTH } from "./sub-agent.ts";

/** How much of arguments that are not JSON a message repeats, in characters. */
const EXCERPT_LENGTH = 200;

/** A call that has a tool and fits its schema. */
export interface SoundCall {
  call: Call;
  tool: Tool;
  /** The id of the question whether it may be made; undefined if nobody has to be asked. */
  approval?: string;
  /** Whether those who watch have been told that the model asked for it. */
  isIssued?: true;
}

/**
 * Finds a call's tool and checks its input (F8). Here rather than at the tool, because a call to a service that is not
 * registered would be retried for ever, and bad input is refused without an invocation.
 */
export function checkCall(tools: readonly Tool[], call: Call, depth: number): SoundCall | CallResult {
  const tool = tools.find(({ name }) => name === call.tool);
  if (!tool) {
    const names = tools.map(({ name }) => name).join(", ");
    return refused(call, "unknown-tool", `Unknown tool "${call.tool}". Tools: ${names}.`);
  }
  if (typeof call.input === "string") return refused(call, "invalid-input", problemOfText(tool, call.input));
  if (isSubAgent(tool) && depth + 1 >= MAX_DEPTH) {
    return refused(call, "over-limit", `Not called: agents may stand ${MAX_DEPTH} deep.`);
  }
  const { problem } = check(tool.input, call.input);
  return problem === undefined ? { call, tool } : refused(call, "invalid-input", problem);
}

/** Why arguments that arrived as text are no input. */
function problemOfText({ name }: Tool, text: string): string {
  return nestsTooDeep(text)
    ? `The arguments of ${name} nest deeper than ${MAX_NESTING} levels.`
    : `The arguments of ${name} are not valid JSON: ${text.slice(0, EXCERPT_LENGTH)}`;
}
