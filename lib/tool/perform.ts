import type { Context } from "@restatedev/restate-sdk/lambda";
import type * as z from "zod";
import { type CallReport, callBounds, callFailure } from "../call/index.ts";
import { cleanMessage, logUnexpected, readSecret, readSetting } from "../runtime/index.ts";
import { AttemptsExhausted, withAttempts } from "./attempts.ts";
import type { Tool } from "./contract.ts";
import { ToolError } from "./error.ts";
import { makeOutput } from "./output.ts";

/** What an implementation gets beside its input. */
export interface ToolContext<Env extends string = string, Secret extends string = string> {
  /** Aborts when the call's timeout has passed or nobody waits for it any more. Pass it to every I/O. */
  signal: AbortSignal;
  /** F10: the same for every try of one call: hand it to a provider so that a repeated write is recognised. */
  idempotencyKey: string;
  /** Which try this is, from 1. */
  attempt: number;
  /** The declared environment variables. */
  env: Record<Env, string>;
  /** The declared secrets. */
  secrets: Record<Secret, string>;
}

/** A tool's own code: its input, already checked, to its output, which is checked afterwards. */
export type Implementation<
  In extends z.ZodObject,
  Out extends z.ZodType,
  Env extends string,
  Secret extends string,
> = (input: z.output<In>, context: ToolContext<Env, Secret>) => z.input<Out> | Promise<z.input<Out>>;

/**
 * Runs an implementation, as often as its contract allows, within what the call's caller allows.
 * @throws TerminalError with a clean message, and in its metadata the tries and times of a result.
 */
export async function perform<
  In extends z.ZodObject,
  Out extends z.ZodType,
  Env extends string,
  Secret extends string,
>(
  tool: Tool<In, Out, Env, Secret>,
  implementation: Implementation<In, Out, Env, Secret>,
  ctx: Context,
  input: z.output<In>,
): Promise<CallReport> {
  const started = new Date();
  const course = (attempts: number) => ({
    attempts,
    startedAt: started.toISOString(),
    durationMs: Date.now() - started.getTime(),
  });
  const { id: idempotencyKey, attemptCompletedSignal } = ctx.request();
  let secretValues: string[] = [];
  let signal: AbortSignal | undefined;
  try {
    // F9: what is made here is cut here, before anything of it travels.
    const { timeoutMs, maxResultBytes, giveUpAt } = callBounds(ctx, tool);
    // F4: Restate retries a function that died, and a function cannot see that its call was cancelled meanwhile: without
    // this, a tool that always dies would be retried for nobody.
    if (Date.now() > giveUpAt) throw new ToolError("Not run: nobody waits for this call any longer.");
    // F4: whatever the implementation waits for ends with its call.
    const ending = AbortSignal.any([attemptCompletedSignal, AbortSignal.timeout(timeoutMs)]);
    signal = ending;
    const { value, attempts } = await withAttempts(tool, ending, async (attempt) => {
      const secrets = await readSecrets(tool);
      secretValues = Object.values(secrets);
      const context = { signal: ending, attempt, env: readSettings(tool), secrets, idempotencyKey };
      return makeOutput(tool, () => implementation(input, context), { ctx, maxResultBytes, secretValues });
    });
    return { ...value, ...course(attempts) };
  } catch (error) {
    const { cause, attempts } = error instanceof AttemptsExhausted ? error : { cause: error, attempts: 0 };
    if (!(cause instanceof ToolError)) logUnexpected(ctx, cause, secretValues);
    // F2: terminal, so that it becomes the call's result.
    const late = signal?.reason?.name === "TimeoutError";
    throw callFailure(cleanMessage(cause, secretValues), { ...course(attempts), ...(late && { late }) });
  }
}

function readSettings<Env extends string>(tool: { env: Readonly<Record<Env, string>> }): Record<Env, string> {
  const entries = Object.entries<string>(tool.env).map(([name, value]) => [name, readSetting(name, value)]);
  return Object.fromEntries(entries) as Record<Env, string>;
}

async function readSecrets<Secret extends string>(tool: {
  name: string;
  secrets: readonly Secret[];
}): Promise<Record<Secret, string>> {
  const entries = tool.secrets.map(async (name) => {
    const value = await readSecret(name);
    if (value === undefined)
      throw new ToolError(`${tool.name} is not configured: its secret ${name} has no value`);
    return [name, value];
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<Secret, string>;
}
