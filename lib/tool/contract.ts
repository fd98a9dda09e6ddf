import * as z from "zod";
import type { ApprovalPolicy } from "../call/index.ts";
import { explain, findNoJson } from "../runtime/index.ts";
import { parseLambdaReference } from "./lambda-reference.ts";

/** The longest an implementation may take: Lambda's 15 minutes less a minute for the function to end cleanly. */
export const MAX_TIMEOUT_SECONDS = 840;
/** The longest that anything waits for somebody outside: 30 days. */
export const MAX_WAIT_SECONDS = 30 * 86_400;
/** How long a call waits for its approval, where its contract does not say. */
export const DEFAULT_EXPIRES_SECONDS = 86_400;

/**
 * When Restate takes an attempt of a tool for lost, this long after the tool's own timeout, in seconds. The function must
 * have ended by then, else a second attempt runs beside the first.
 */
export const ABORT_MARGIN_SECONDS = 60;

const envName = z.string().regex(/^[A-Z][A-Z0-9_]*$/, "expected an UPPER_CASE environment variable name");

/** What a function may be given, a tool's as well as an agent's. How many run at once is bounded by the account. */
export const scalingBounds = {
  memoryMb: z.int().min(128).max(10_240),
  maxConcurrency: z.int().min(0),
  provisioned: z.int().min(0),
};

/** What is checked of a contract beside its schemas. */
const settings = z.strictObject({
  // The name doubles as a Restate scope, which allows 36 characters.
  name: z.string().regex(/^[a-z][a-z0-9_]{0,35}$/, "expected snake_case, at most 36 characters"),
  description: z.string().trim().min(1).max(1024),
  effect: z.enum(["read", "write"]).default("read"),
  timeout: z.strictObject({ seconds: z.number().min(1).max(MAX_WAIT_SECONDS) }).default({ seconds: 30 }),
  approval: z
    .union([
      z.enum(["never", "always"]),
      z.custom<Exclude<ApprovalPolicy, string>>((policy) => typeof policy === "function"),
    ])
    .default("never"),
  expires: z
    .strictObject({ seconds: z.number().min(1).max(MAX_WAIT_SECONDS) })
    .default({ seconds: DEFAULT_EXPIRES_SECONDS }),
  attempts: z.int().min(1).max(10).default(3),
  maxResultBytes: z.int().min(256).max(1_048_576).default(32_768),
  scaling: z
    .strictObject({
      memoryMb: scalingBounds.memoryMb.default(512),
      maxConcurrency: scalingBounds.maxConcurrency.optional(),
      provisioned: scalingBounds.provisioned.default(0),
    })
    .default({ memoryMb: 512, provisioned: 0 }),
  env: z.record(envName, z.string()).default({}),
  secrets: z.array(envName).default([]),
  setup: z.string().trim().min(1).max(500).optional(),
  lambda: z
    .string()
    .refine(
      (text) => parseLambdaReference(text) !== undefined,
      "expected a Lambda function's name or ARN, with :alias or without",
    )
    .optional(),
});

type Settings = z.input<typeof settings>;

/** What {@link defineTool} takes: everything about a tool except its code. */
export interface ToolDefinition<
  In extends z.ZodObject,
  Out extends z.ZodType,
  Env extends string,
  Secret extends string,
  Name extends string = string,
> {
  /** snake_case, at most 36 characters. Also the folder, the Restate service and the Lambda construct: a durable identity. */
  name: Name;
  /** What the tool is for, in the model's reading. At most 1024 characters. */
  description: Settings["description"];
  /** The arguments. An object, as every model provider requires; field descriptions reach the model. */
  input: In;
  /** The result. Checked where it is made, so a drifted implementation cannot mislead the model. */
  output: Out;
  /** `"read"` (default) may run beside other calls and again after a crash; `"write"` runs alone, in a durable step. */
  effect?: Settings["effect"];
  /**
   * How long the agent waits for one call, retries and queueing included. 1 to 840 s, default 30 s; a composite, which waits on
   * no function, may take 30 days.
   */
  timeout?: Settings["timeout"];
  /**
   * Which calls wait until somebody approves them: `"never"` (default), `"always"`, or those for whose input a function says true. It
   * is asked again in each replay, so it depends on the input alone. The calls beside it do not wait. Whoever approves it may change the
   * input; that it was denied, or that nobody answered, is a result that the model reads.
   */
  approval?: "never" | "always" | ((input: z.output<In>) => boolean);
  /** How long a call waits for its approval. 1 s to 30 days, default a day. Its timeout begins when it is approved. */
  expires?: Settings["expires"];
  /** Tries of the implementation before its failure becomes the result. 1 to 10, default 3. */
  attempts?: Settings["attempts"];
  /** Longer results are cut, with a marker. Bytes of JSON, 256 to 1 MiB, default 32 KiB. */
  maxResultBytes?: Settings["maxResultBytes"];
  /**
   * The Lambda function: `memoryMb` (128 to 10,240, default 512), `maxConcurrency` (reserved concurrency, at most what the
   * account allows; default none: it shares the account's pool; 0 switches the tool off, and the model is told so),
   * `provisioned` (environments kept warm and billed while idle; default 0).
   */
  scaling?: Settings["scaling"];
  /** Environment variables of the function with their default values: base URLs and other settings that are not secret. */
  env?: Record<Env, string>;
  /** Names of secrets. Values come from Secrets Manager on AWS, on a laptop from the environment or `.env`. */
  secrets?: readonly Secret[];
  /** What somebody has to see to before the tool may run, and no code can: `fanout doctor` says it. At most 500 characters. */
  setup?: Settings["setup"];
  /**
   * An existing Lambda function that is the implementation, in place of a handler.ts: its name, or its ARN where it
   * belongs to another region or account, either with `:alias` or `:version`; `{name}` and `{stage}` in it are the
   * deployment's, `fanout` and `dev` on a laptop. It gets the input as its event and returns the output.
   */
  lambda?: Settings["lambda"];
}

/**
 * A tool's contract with every default filled in: data that TypeScript, the model, Restate and CDK all read. {@link ToolDefinition} says
 * what each field means.
 */
export interface Tool<
  In extends z.ZodObject = z.ZodObject,
  Out extends z.ZodType = z.ZodType,
  Env extends string = string,
  Secret extends string = string,
  Name extends string = string,
> extends Omit<z.output<typeof settings>, "name" | "env" | "secrets" | "approval"> {
  readonly name: Name;
  readonly approval: ApprovalPolicy<z.output<In>>;
  readonly input: In;
  readonly output: Out;
  readonly env: Readonly<Record<Env, string>>;
  readonly secrets: readonly Secret[];
  /** The service's handler. Default `run`. */
  readonly handler?: string;
  /** The MCP server and its tool that are the implementation, in place of a handler.ts; a laptop starts its command, if there is one. */
  readonly mcp?: { server: string; tool: string; url: string | undefined; hasCommand: boolean };
}

/**
 * Declares a tool.
 * @throws TypeError naming every field that is wrong, what was expected and what came.
 */
export function defineTool<
  In extends z.ZodObject,
  Out extends z.ZodType,
  const Env extends string = never,
  const Secret extends string = never,
  const Name extends string = string,
>(definition: ToolDefinition<In, Out, Env, Secret, Name>): Tool<In, Out, Env, Secret, Name> {
  const { input, output, ...rest } = definition;
  const fail = (problems: string) => new TypeError(`Tool ${JSON.stringify(definition.name)}: ${problems}`);
  if (!(input instanceof z.ZodObject)) throw fail("input: expected a z.object({ … })");
  if (!(output instanceof z.ZodType)) throw fail("output: expected a Zod schema");
  const parsed = settings.safeParse(rest);
  if (!parsed.success) throw fail(explain(parsed.error, rest));
  // An output travels as its schema makes it; a handler's return value is described to Restate's catalogue.
  const noJson = findNoJson("input", input, ["input"]) ?? findNoJson("output", output, ["input", "output"]);
  if (noJson !== undefined) throw fail(noJson);
  return Object.freeze({ ...parsed.data, input, output }) as unknown as Tool<In, Out, Env, Secret, Name>;
}
