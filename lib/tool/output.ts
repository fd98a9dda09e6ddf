import type { Context } from "@restatedev/restate-sdk/lambda";
import { check, cleanMessage } from "../runtime/index.ts";
import type { Tool } from "./contract.ts";
import { cutToBytes } from "./cut.ts";
import { ToolError } from "./error.ts";

/** The work is done, but nobody can read what came out of it. For a read that is a failure, for a write it is none. */
export class UnreadableOutput extends ToolError {}

/** Stands in the place of an output that cannot be read, with the reason. */
const UNREADABLE = "[unreadable]";

/** A tool's output as its caller gets it: plain JSON that takes `maxResultBytes` at most. */
interface ReadableOutput {
  output: unknown;
  /** Whether this is less than what the implementation made. */
  truncated: boolean;
}

/**
 * Runs an implementation once, checks what it made against the contract, and cuts it (F9).
 * F10: a write has taken effect by then: told as failed, the model would ask for it again. So a write's output that cannot be
 * read is replaced by a note which says that the write took effect, and why its output is missing.
 * @throws UnreadableOutput for a read; whatever the implementation throws.
 */
export async function makeOutput(
  tool: Pick<Tool, "name" | "output" | "effect">,
  implementation: () => unknown,
  {
    ctx,
    maxResultBytes,
    secretValues = [],
  }: { ctx: Pick<Context, "console">; maxResultBytes: number; secretValues?: readonly string[] },
): Promise<ReadableOutput> {
  try {
    return readOutput(tool, await implementation(), maxResultBytes);
  } catch (error) {
    if (tool.effect === "read" || !(error instanceof UnreadableOutput)) throw error;
    const text = cleanMessage(error, secretValues);
    ctx.console.warn({ event: "output unreadable" });
    ctx.console.debug({ event: "output unreadable", text });
    const note = `The write took effect. Do not repeat it. Its output could not be read: ${text}`;
    return { output: { [UNREADABLE]: note }, truncated: true };
  }
}

/**
 * Checks what an implementation made against the contract, and cuts it.
 * @throws UnreadableOutput when it breaks the contract, or is no JSON.
 */
export function readOutput(
  { name, output }: Pick<Tool, "name" | "output">,
  made: unknown,
  maxResultBytes: number,
): ReadableOutput {
  const checked = check(output, made);
  if (checked.problem !== undefined) {
    throw new UnreadableOutput(`${name} made a result that breaks its contract: ${checked.problem}`);
  }
  try {
    const { value, truncated } = cutToBytes(checked.data, maxResultBytes);
    // A copy: whoever holds the original can neither change it any more, nor make its serialisation fail.
    return { output: JSON.parse(JSON.stringify(value)), truncated };
  } catch (cause) {
    throw new UnreadableOutput(`${name} made a result that is no JSON: ${(cause as Error).message}`, {
      cause,
    });
  }
}
