import { type Context, handlers, service, TerminalError } from "@restatedev/restate-sdk/lambda";
import { z } from "zod";
import { AttemptsExhausted, withAttempts } from "./attempts.ts";
import type { Tool } from "./contract.ts";
import { cutToBytes } from "./cut.ts";
import { readSecret, readSetting } from "./environment.ts";
import { cleanMessage, ToolError } from "./error.ts";
import { check, jsonSerde } from "./schema.ts";

/** What an implementation gets beside its input. */
export interface ToolContext<Env extends string = string, Secret extends string = string> {
  /** Aborts when the call's timeout has passed or nobody waits for it any more. Pass it to every I/O. */
  signal: AbortSignal;
  /** The same for every try of one call: hand it to a provider so that a repeated write is recognised. */
  idempotencyKey: string;
  /** Which try this is, from 1. */
  attempt: number;
  /** The declared environment variables. */
  env: Record<Env, string>;
  /** The declared secrets. */
  secrets: Record<Secret, string>;
}

/** What a tool's service answers: the output and how it came about. */
export interface ToolResult {
  output: unknown;
  /** Tries the implementation took. */
  attempts: number;
  /** When the first try began, ISO 8601. */
  startedAt: string;
  /** From the first try's begin to the last one's end, in ms. */
  durationMs: number;
  /** Whether the output was cut to the contract's `maxResultBytes`. */
  truncated: boolean;
}

/** A call's headers: what its caller allows, where that is less than the contract does. */
export const CALL_BOUNDS = {
  /** Bytes that the result may take. */
  maxResultBytes: "x-fanout-max-result-bytes",
  /** How long the caller waits, in ms. */
  timeoutMs: "x-fanout-timeout-ms",
} as const;

/** How long before its function's timeout an implementation is told to stop, in ms. */
const TIME_TO_END_MS = 1000;

/** HTTP status of a failed tool as Restate reports it: the request was fine, the tool could not fulfil it. */
const TOOL_FAILED = 422;

/**
 * Makes a tool's contract and its implementation into a Restate service with one handler, `run`.
 * A read costs one Lambda invocation: the call itself is the durable step. A write runs in a durable step of its own,
 * so a crash after its effect does not repeat it.
 * Failures end the invocation with a TerminalError: a clean message, and how many tries it took in its metadata.
 */
export function implementTool<
  In extends z.ZodObject,
  Out extends z.ZodType,
  Env extends string,
  Secret extends string,
>(
  tool: Tool<In, Out, Env, Secret>,
  implementation: (
    input: z.output<In>,
    context: ToolContext<Env, Secret>,
  ) => z.input<Out> | Promise<z.input<Out>>,
) {
  const run = async (ctx: Context, input: z.output<In>): Promise<ToolResult> => {
    const perform = () => performCall(tool, implementation, ctx, input);
    return tool.effect === "write" ? await ctx.run("effect", perform) : await perform();
  };
  return service({
    name: tool.name,
    description: tool.description,
    handlers: {
      run: handlers.handler({ input: jsonSerde(tool.input), output: resultSerde(tool.output) }, run),
    },
    options: {
      ingressPrivate: true,
      // Must outlast the function, else Restate starts a second attempt beside the first.
      abortTimeout: { seconds: tool.timeout.seconds + 60 },
      // Infrastructure failures only; the caller's timeout is the real bound.
      retryPolicy: {
        initialInterval: 100,
        exponentiationFactor: 2,
        maxInterval: { seconds: 5 },
        maxAttempts: 1000,
        onMaxAttempts: "kill",
      },
    },
  });
}

async function performCall<
  In extends z.ZodObject,
  Out extends z.ZodType,
  Env extends string,
  Secret extends string,
>(
  tool: Tool<In, Out, Env, Secret>,
  implementation: (
    input: z.output<In>,
    context: ToolContext<Env, Secret>,
  ) => z.input<Out> | Promise<z.input<Out>>,
  ctx: Context,
  input: z.output<In>,
): Promise<ToolResult> {
  const started = new Date();
  const meta = (attempts: number) => ({
    attempts,
    startedAt: started.toISOString(),
    durationMs: Date.now() - started.getTime(),
  });
  const signal = AbortSignal.any([
    ctx.request().attemptCompletedSignal,
    AbortSignal.timeout(
      Math.min(bound(ctx, "timeoutMs", tool.timeout.seconds * 1000), functionTimeLeftMs(ctx)),
    ),
  ]);
  let secretValues: string[] = [];
  try {
    const { value, attempts } = await withAttempts(tool.attempts, signal, async (attempt) => {
      const secrets = await readSecrets(tool);
      secretValues = Object.values(secrets);
      const env = readSettings(tool);
      const output = await implementation(input, {
        signal,
        attempt,
        env,
        secrets,
        idempotencyKey: ctx.request().id,
      });
      return checkOutput(tool, output);
    });
    const cut = cutToBytes(value, bound(ctx, "maxResultBytes", tool.maxResultBytes));
    return { output: cut.value, ...meta(attempts), truncated: cut.truncated };
  } catch (error) {
    const { cause, attempts } = error instanceof AttemptsExhausted ? error : { cause: error, attempts: 1 };
    if (!(cause instanceof ToolError)) ctx.console.error(`${tool.name} failed`, cause);
    throw new TerminalError(cleanMessage(cause, secretValues), {
      errorCode: TOOL_FAILED,
      metadata: Object.fromEntries(
        Object.entries(meta(attempts)).map(([key, value]) => [key, String(value)]),
      ),
    });
  }
}

/** How long this invocation of the function may still run, less the time to end cleanly. */
function functionTimeLeftMs(ctx: Context): number {
  const [lambda] = ctx.request().extraArgs as [{ getRemainingTimeInMillis?(): number }?];
  const left = lambda?.getRemainingTimeInMillis?.() ?? Number.MAX_SAFE_INTEGER;
  return Math.max(0, left - TIME_TO_END_MS);
}

/** The contract's bound, or the caller's where that is tighter. */
function bound(ctx: Context, name: keyof typeof CALL_BOUNDS, contract: number): number {
  const allowed = Number(ctx.request().headers.get(CALL_BOUNDS[name]));
  return allowed > 0 ? Math.min(allowed, contract) : contract;
}

function checkOutput<Out extends z.ZodType>(tool: Tool<z.ZodObject, Out>, output: unknown): z.output<Out> {
  const checked = check(tool.output, output);
  if (checked.problem === undefined) return checked.data;
  throw new ToolError(`${tool.name} made a result that breaks its contract: ${checked.problem}`);
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

function resultSerde(output: z.ZodType) {
  return jsonSerde(
    z.object({
      output,
      attempts: z.int(),
      startedAt: z.string(),
      durationMs: z.number(),
      truncated: z.boolean(),
    }),
  ) as ReturnType<typeof jsonSerde<z.ZodType<ToolResult>>>;
}
