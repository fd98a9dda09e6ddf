import * as z from "zod";
import { providers } from "./models/providers.ts";
import { REASONING, type Reasoning } from "./models/seam.ts";

/** How long one request to a model may take, in seconds. */
export const MODEL_TIMEOUT_SECONDS = 120;
/** How many models may stand behind the first: each is asked three times, and a person is waiting. */
const MAX_FALLBACKS = 4;

/** `provider/model`. */
export const modelName = z
  .string()
  .regex(/^[a-z][a-z0-9-]*\/\S+$/, "expected provider/model, such as openai/gpt-5.4");

/** A provider's options as JSON, without those that the run itself decides about. */
function optionsOf(kept: readonly string[]) {
  return z
    .record(z.string(), z.json())
    .check(({ value, issues }) => {
      for (const name of Object.keys(value).filter((option) => kept.includes(option)))
        issues.push({ code: "custom", input: value, message: `${name} is set by the run itself` });
    })
    .optional();
}

const PROVIDERS_EXPECTED = `expected the options of ${Object.keys(providers).join(", ")} only`;

/** The fields of an agent's definition that say how its model is asked. */
export const modelSettings = {
  fallbacks: z
    .array(modelName)
    .max(MAX_FALLBACKS)
    .refine((names) => new Set(names).size === names.length, "expected each model once")
    .default([]),
  temperature: z.number().min(0).max(2).optional(),
  maxOutputTokens: z.int().min(1).optional(),
  reasoning: z.enum(REASONING).optional(),
  providerOptions: z
    .strictObject(
      Object.fromEntries(Object.entries(providers).map(([name, { kept }]) => [name, optionsOf(kept)])),
      { error: ({ code }) => (code === "unrecognized_keys" ? PROVIDERS_EXPECTED : undefined) },
    )
    .optional(),
  promptCaching: z.enum(["off", "on"]).default("off"),
  modelTimeout: z
    .strictObject({ seconds: z.number().positive().max(MODEL_TIMEOUT_SECONDS) })
    .default({ seconds: MODEL_TIMEOUT_SECONDS }),
};

/** How an agent's model is asked. What is left out is as the provider has it. */
export interface ModelSettings {
  /**
   * Up to four models that are asked when the one before has failed for good: after its tries, or at once where it cannot be
   * asked at all. Default none.
   */
  fallbacks?: string[];
  /** From 0, for replies that vary little, to 2; some providers end at 1, and models that reason may ignore it. */
  temperature?: number;
  /** Tokens that one reply may have; a reply that is cut there ends the run with `finishReason: "length"`. */
  maxOutputTokens?: number;
  /** How much the model reasons before it replies. */
  reasoning?: Reasoning;
  /** What only one provider has, by its name: `{ openai: { serviceTier: "flex" } }`, as the AI SDK names it. */
  providerOptions?: { openai?: Options; anthropic?: Options; google?: Options; bedrock?: Options };
  /** Whether a provider that asks for it is told to cache the conversation between turns. Default off. */
  promptCaching?: "off" | "on";
  /** How long one request may take. At most, and by default, 120 s. */
  modelTimeout?: { seconds: number };
}

type Options = Record<string, z.core.util.JSONType>;
