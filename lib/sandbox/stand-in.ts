import type { Hono } from "hono";
import * as z from "zod";
import { explain } from "../runtime/index.ts";
import type { Words } from "./planner/words.ts";
import { MODEL_PROVIDERS, type TroubleStatus, type Turn, USUAL_LATENCY_MS } from "./upstream.ts";

/** The key that stand-ins hand out; they accept any. */
export const SANDBOX_KEY = "sandbox-key";

/** Settings and secrets of tools, with the values that make the tools use a stand-in. */
type Settings = Readonly<Record<string, string>>;

/** A stand-in's running server. */
interface RunningServer {
  /** The settings and secrets of the tool that it replaces. */
  env: Settings;
  /** Its own endpoints next to the sandbox's, under `/_control`, for people who inspect it. */
  control?: Hono;
  /** Drops every connection. */
  stop(): Promise<void>;
}

/** A double that speaks HTTP. */
export interface HttpDouble {
  /** Answers as the provider does; mounted at `/<provider>` on the sandbox's port. */
  app: Hono;
  /** The settings and secrets of the tool that it replaces. @param url where `app` is mounted. */
  env(url: string): Settings;
  /** The body with which the provider itself answers 429 and 500. Default: an object with an `error`. */
  trouble?(status: TroubleStatus): object;
}

/** A double that speaks another protocol. */
interface ServerDouble {
  /**
   * Starts a server on a free port of 127.0.0.1.
   * @param nextTurn has to be called for each request: it counts them, and says how to answer.
   */
  start(nextTurn: () => Turn): Promise<RunningServer>;
}

/** The double of a provider. */
export type Provider<Double = HttpDouble | ServerDouble> = Double & {
  readonly name: string;
  readonly latencyMs: number;
};

/** What stands in for a tool's provider while it runs on a laptop. */
export interface StandIn {
  /** What answers in the provider's place. Default: nothing does. */
  readonly provider?: Provider | undefined;
  /** How the offline model recognises questions for the tool. Default: by the tool's name. */
  readonly words?: Words | undefined;
}

/** The stand-ins of a project's tools, by the tool's name. */
export type StandIns = Readonly<Record<string, StandIn>>;

/** The options of {@link defineStandIn}. */
type StandInDefinition =
  | ((HttpDouble | ServerDouble) & {
      /** The provider's name in fault flags, counts and URLs, such as open-meteo. */
      provider: string;
      /** How long it takes to answer, in ms. Default: 300, long enough that a person sees calls overlap. */
      latencyMs?: number;
      /** How the offline model recognises questions for the tool. Default: by the tool's name. */
      words?: Words;
    })
  | { words: Words };

const called = <T>(what: string) => z.custom<T>((value) => typeof value === "function", `expected ${what}`);
const hono = z.custom<Hono>((value) => Array.isArray(Object(value).routes), "expected a Hono app");

const schema = z.strictObject({
  provider: z
    .string()
    // It is part of URLs and of the notation for faults.
    .regex(/^[a-z][a-z0-9-]*$/, "expected kebab-case, such as open-meteo")
    .refine(
      (name) => !MODEL_PROVIDERS.some((model) => model === name),
      `expected another name than the model providers', ${MODEL_PROVIDERS.join(", ")}`,
    )
    .optional(),
  latencyMs: z.number().min(0).optional(),
  app: hono.optional(),
  env: called<HttpDouble["env"]>("a function from a URL to settings").optional(),
  trouble: called<HttpDouble["trouble"]>("a function from a status to a body").optional(),
  start: called<ServerDouble["start"]>("a function that starts a server").optional(),
  words: z
    .strictObject({
      example: z.string(),
      order: z.number().optional(),
      find: called<Words["find"]>("a function from words to calls"),
      say: called<Words["say"]>("a function from a result to words"),
    })
    .optional(),
});

/**
 * Declares what stands in for a tool's provider on a laptop, in the tool's folder as `stand-in.ts`.
 * @throws TypeError saying what was expected and what came.
 */
export function defineStandIn(definition: StandInDefinition): StandIn {
  const parsed = schema.safeParse(definition);
  const problem = parsed.success ? wrongParts(parsed.data) : explain(parsed.error, definition);
  if (problem !== undefined) throw new TypeError(`Stand-in${nameIn(definition)}: ${problem}.`);
  if (!("provider" in definition)) return definition;
  const { provider: name, latencyMs = USUAL_LATENCY_MS, words, ...double } = definition;
  return { provider: { ...double, name, latencyMs }, words };
}

/** A double is either an app or a server; without one there are only words. */
function wrongParts(definition: z.output<typeof schema>): string | undefined {
  const { provider, words, ...double } = definition;
  const got = `got ${Object.keys(definition).join(", ") || "nothing"}`;
  if (words?.find(words.example).length === 0) {
    return `words.find: expected a call found in the example ${JSON.stringify(words.example)}, got none`;
  }
  if (provider === undefined) {
    const onlyWords = words !== undefined && Object.keys(double).length === 0;
    return onlyWords ? undefined : `expected a provider, or nothing but words, ${got}`;
  }
  const { app, env, trouble, start } = double;
  const isApp = app !== undefined && env !== undefined && start === undefined;
  const isServer = start !== undefined && [app, env, trouble].every((part) => part === undefined);
  return isApp || isServer ? undefined : `expected either app and env, or start, ${got}`;
}

const nameIn = (definition: object) =>
  "provider" in definition ? ` ${JSON.stringify(definition.provider)}` : "";
