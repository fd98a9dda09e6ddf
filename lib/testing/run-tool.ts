import type * as z from "zod";
import { check } from "../runtime/index.ts";
import { type Implemented, madeOf, readOutput, type Tool, type ToolContext } from "../tool/index.ts";

/** What a tool finds around its input; {@link runTool} fills in what is left out. */
interface ToolRun<Env extends string, Secret extends string> {
  /**
   * Values of settings and secrets that the contract declares, in place of its defaults. What it does not declare is left
   * out, so that the `env` of a provider's stand-in may be passed as it is.
   */
  env?: Readonly<Partial<Record<Env | Secret, string>>> | undefined;
  /** Values of the declared secrets, before those in `env`. */
  secrets?: Readonly<Partial<Record<Secret, string>>> | undefined;
  /** Aborts the call. It also ends by itself when the contract's timeout has passed. */
  signal?: AbortSignal | undefined;
  /** Which try this is. Default: 1. */
  attempt?: number | undefined;
  /** Default: `test`. */
  idempotencyKey?: string | undefined;
}

/**
 * Runs a tool once, without a server: checks the input against the contract, fills in its defaults, calls the
 * implementation, and checks the output. What is left out is what the platform adds: further tries, the time that the caller
 * allows, and the cut to `maxResultBytes`.
 *
 * A composite's parts are durable calls, which only a server can make and replay: test it with `startPlatform`.
 * @param service what `implementTool` has made.
 * @returns the output, as an agent reads it.
 * @throws what the implementation throws, a ToolError as it is; TypeError for an input that breaks the contract, for a
 *   secret without a value, for fields of the output that the contract leaves out, and for a composite; ToolError for an output that breaks the contract.
 */
export async function runTool<
  In extends z.ZodObject,
  Out extends z.ZodType,
  Env extends string,
  Secret extends string,
>(
  service: Implemented<In, Out, Env, Secret>,
  input: z.input<In>,
  options: ToolRun<Env, Secret> = {},
): Promise<z.output<Out>> {
  const made = madeOf(service);
  if (!made) throw new TypeError(notATool(service));
  const { tool, implementation } = made;
  const checked = check(tool.input, input);
  if (checked.problem !== undefined)
    throw new TypeError(`${tool.name}: the input breaks its contract: ${checked.problem}`);
  const result = await implementation(checked.data, contextOf(tool, options));
  const { output } = readOutput(tool, result, Number.POSITIVE_INFINITY);
  const extra = leftOut(result, output);
  if (extra.length > 0)
    throw new TypeError(`${tool.name}: the output has what its contract leaves out: ${extra.join(", ")}`);
  return output as z.output<Out>;
}

/** The paths of fields that a contract has removed. Agents never see them, so a test that did would mislead. */
function leftOut(result: unknown, output: unknown, path = ""): string[] {
  if (!isObject(result) || !isObject(output)) return [];
  return Object.entries(result).flatMap(([name, value]) =>
    name in output ? leftOut(value, output[name], `${path}${name}.`) : [`${path}${name}`],
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

function contextOf<Env extends string, Secret extends string>(
  tool: Tool<z.ZodObject, z.ZodType, Env, Secret>,
  { env, secrets, signal, attempt = 1, idempotencyKey = "test" }: ToolRun<Env, Secret>,
): ToolContext<Env, Secret> {
  const settings = Object.entries<string>(tool.env).map(([name, value]) => [
    name,
    env?.[name as Env] ?? value,
  ]);
  const values = tool.secrets.map((name) => [name, secrets?.[name] ?? env?.[name]]);
  const missing = values.filter(([, value]) => value === undefined).map(([name]) => name);
  if (missing.length > 0)
    throw new TypeError(
      `${tool.name} needs a value for ${missing.join(" and ")}, such as secrets: { ${missing[0]}: "a-key" }`,
    );
  const timeout = AbortSignal.timeout(tool.timeout.seconds * 1000);
  return {
    env: Object.fromEntries(settings) as Record<Env, string>,
    secrets: Object.fromEntries(values) as Record<Secret, string>,
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    attempt,
    idempotencyKey,
  };
}

function notATool(service: object): string {
  const { name } = service as { name?: unknown };
  return `runTool takes what implementTool has made, got the service ${JSON.stringify(name)}. A composite or an agent needs a server: use startPlatform.`;
}
