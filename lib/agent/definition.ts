import * as z from "zod";
import { EVENT_MODES, type EventMode } from "../events/index.ts";
import { explain, findNoJson } from "../runtime/index.ts";
import { scalingBounds, type Tool } from "../tool/index.ts";
import { isConversation } from "./conversation/name.ts";
import { type Limits, limitsSchema } from "./limits.ts";
import { MODEL_TIMEOUT_SECONDS, type ModelSettings, modelName, modelSettings } from "./model-settings.ts";
import { agentTool } from "./sub-agent.ts";

/** How long the agent's function may run, in seconds: one model request and the work around it. */
export const AGENT_TIMEOUT_SECONDS = MODEL_TIMEOUT_SECONDS + 30;
/**
 * When Restate takes an attempt of an agent for lost, in seconds. The function must have ended by then, else a second
 * attempt runs beside the first.
 */
export const AGENT_ABORT_SECONDS = AGENT_TIMEOUT_SECONDS + 60;

const definitionSchema = z.strictObject({
  // The name doubles as a Restate scope, which allows 36 characters.
  name: z
    .string()
    .regex(/^[A-Z][A-Za-z0-9]{0,35}$/, "expected PascalCase, at most 36 characters")
    .refine(
      (name) => !isConversation(name),
      "expected a name that does not end in Conversation, as an agent's conversations do",
    ),
  description: z.string().trim().min(1).max(1024),
  model: modelName,
  models: z.array(modelName).default([]),
  ...modelSettings,
  instructions: z.string().trim().min(1),
  limits: limitsSchema.prefault({}),
  maxParallelCalls: z.int().min(1).max(1000).optional(),
  parallelToolCalls: z.boolean().default(true),
  untrusted: z.array(z.string()).default([]),
  events: z.union([z.boolean(), z.enum(EVENT_MODES)]).default(false),
  conversation: z.strictObject({ maxTokens: z.int().min(1_000).max(1_000_000).default(32_000) }).prefault({}),
  scaling: z
    .strictObject({
      memoryMb: scalingBounds.memoryMb.default(1024),
      maxConcurrency: scalingBounds.maxConcurrency.optional(),
      provisioned: scalingBounds.provisioned.default(0),
    })
    .prefault({}),
});

/** The shape of an agent's answer: a schema, or undefined for text. */
type AnswerSchema = z.ZodType | undefined;
/** What an agent answers with. */
export type AnswerOf<Answer extends AnswerSchema> = Answer extends z.ZodType ? z.output<Answer> : string;

/** What {@link defineAgent} takes. */
export interface AgentDefinition<
  Answer extends AnswerSchema = AnswerSchema,
  Callables extends readonly (Tool | Agent)[] = readonly (Tool | Agent)[],
  Name extends string = string,
> extends Omit<z.input<typeof definitionSchema>, keyof ModelSettings>,
    ModelSettings {
  /** PascalCase, at most 36 characters. Also the Restate service and the Lambda construct: a durable identity. */
  name: Name;
  /** What the agent is for, as Restate's catalogue shows it. */
  description: string;
  /** The shape of the answer. Default: text. A reply that does not fit gets one more turn, then the run fails. */
  answer?: Answer;
  /** `provider/model`, such as `openai/gpt-5.4` or `anthropic/claude-haiku-4-5`; a deployment's MODEL setting replaces it. */
  model: string;
  /** Other models that a run may ask for. Default none. */
  models?: string[];
  /** The system prompt. */
  instructions: string;
  /** The contracts of the tools, and of other agents, that the model may call. */
  tools: Callables;
  /** What ends a run well: the model then gets one last turn, without tools. Default: 10 turns, 100 calls, no bound on the rest. */
  limits?: Partial<Limits>;
  /** Calls of one run in flight at once, 1 to 1000. Default: all; a bound wakes the agent once per call. */
  maxParallelCalls?: number;
  /** Whether the model may ask for several calls in one reply. Default true; false also runs them one after another. */
  parallelToolCalls?: boolean;
  /**
   * Names of tools that bring text from outside, such as the web or mail. Their results are marked as data for the model, and once it has
   * read one, every call of a tool that writes waits for an approval. Default none.
   */
  untrusted?: string[];
  /**
   * What a run tells those who watch it, unless it is asked for something else: `turns`, `calls` (or true), `text`, or nothing
   * (false). Default false: each costs invocations.
   */
  events?: boolean | EventMode;
  /**
   * How long a conversation may be before its older part is summarised, in tokens: the history travels with each invocation and
   * each model request. Default 32000: some 50 pages, of which a model with a context of 128000 has room for four.
   */
  conversation?: { maxTokens?: number };
  /** The Lambda function, as for a tool; default 1024 MB, because the model SDK starts faster with more CPU. */
  scaling?: { memoryMb?: number; maxConcurrency?: number; provisioned?: number };
}

/** An agent's definition with every default filled in. {@link AgentDefinition} says what each field means. */
export interface Agent<
  Answer extends AnswerSchema = AnswerSchema,
  Callables = unknown,
  Name extends string = string,
> extends z.output<typeof definitionSchema> {
  readonly name: Name;
  readonly tools: readonly Tool[];
  readonly answer: Answer;
  /** The contracts that it was defined with, for a client's types. It is never there. */
  readonly callables?: Callables;
}

/**
 * Declares an agent: data that its handler, Restate and CDK read.
 * @throws TypeError naming every field that is wrong, what was expected and what came.
 */
export function defineAgent<
  Answer extends AnswerSchema = undefined,
  const Callables extends readonly (Tool | Agent)[] = readonly (Tool | Agent)[],
  const Name extends string = string,
>(definition: AgentDefinition<Answer, Callables, Name>): Agent<Answer, Callables, Name> {
  const { tools: toolsAndAgents, answer, ...rest } = definition;
  const tools = toolsAndAgents.map((callable) =>
    "instructions" in callable ? agentTool(callable) : callable,
  );
  const parsed = definitionSchema.safeParse(rest);
  if (!parsed.success) {
    throw new TypeError(`Agent ${JSON.stringify(definition.name)}: ${explain(parsed.error, rest)}`);
  }
  const names = tools.map((tool) => tool.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new TypeError(`Agent "${definition.name}": tools: two tools are called "${twice}"`);
  const absent = parsed.data.untrusted.find((name) => !names.includes(name));
  if (absent !== undefined) {
    throw new TypeError(
      `Agent "${definition.name}": untrusted: there is no tool "${absent}". Tools: ${names.join(", ")}`,
    );
  }
  if (answer !== undefined && !(answer instanceof z.ZodType)) {
    throw new TypeError(`Agent "${definition.name}": answer: expected a Zod schema`);
  }
  const noJson = answer && findNoJson("answer", answer, ["input", "output"]);
  if (noJson !== undefined) throw new TypeError(`Agent "${definition.name}": ${noJson}`);
  return Object.freeze({ ...parsed.data, name: definition.name, tools, answer: answer as Answer });
}

/** The folder of an agent: its name in kebab-case. */
export function agentFolder(agent: Pick<Agent, "name">): string {
  return agent.name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();
}
