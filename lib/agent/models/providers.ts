import type { Connection } from "./ai-sdk.ts";
import type { Model } from "./seam.ts";

/** Reads a provider's declared settings and secrets; a secret without a value is undefined. */
export interface ProviderConfig {
  setting(name: string): string;
  secret(name: string): Promise<string | undefined>;
}

/** A provider of models: its declared configuration as data, its code loaded when an agent first asks. */
export interface Provider {
  /** Environment variables with their default values. */
  env: Readonly<Record<string, string>>;
  /** Names of secrets. */
  secrets: readonly string[];
  /** Makes the AI SDK's language model called `modelId` by this provider. */
  connect(modelId: string, config: ProviderConfig): Promise<Connection>;
  /** The same, as our own loop asks it. */
  load(modelId: string, config: ProviderConfig): Promise<Model>;
}

/** Every provider, by the part of a model's name before the slash. */
export const providers: Readonly<Record<string, Provider>> = {
  openai: {
    // An empty base URL means the provider's own. OPENAI_API: "responses" or "chat" (Chat Completions), for servers that speak only that.
    env: { OPENAI_BASE_URL: "", OPENAI_API: "responses" },
    secrets: ["OPENAI_API_KEY"],
    connect: async (modelId, config) => (await import("./openai.ts")).connectToOpenai(modelId, config),
    async load(modelId, config) {
      return (await import("./ai-sdk.ts")).aiSdkModel(await this.connect(modelId, config));
    },
  },
  anthropic: {
    env: { ANTHROPIC_BASE_URL: "" },
    secrets: ["ANTHROPIC_API_KEY"],
    connect: async (modelId, config) => (await import("./anthropic.ts")).connectToAnthropic(modelId, config),
    async load(modelId, config) {
      return (await import("./anthropic.ts")).anthropicModel(await this.connect(modelId, config));
    },
  },
  bedrock: {
    // Region and credentials are Lambda's own variables, which a function must not declare.
    env: { BEDROCK_BASE_URL: "" },
    secrets: [],
    connect: async (modelId, config) => (await import("./bedrock.ts")).connectToBedrock(modelId, config),
    async load(modelId, config) {
      return (await import("./bedrock.ts")).bedrockModel(await this.connect(modelId, config));
    },
  },
};

/**
 * Splits `provider/model`.
 * @throws TypeError when the provider is unknown, naming the ones there are.
 */
export function parseModelName(name: string): { provider: Provider; modelId: string } {
  const [, providerName = "", modelId = ""] = /^([^/]*)\/(.*)$/.exec(name) ?? [];
  const provider = Object.hasOwn(providers, providerName) ? providers[providerName] : undefined;
  if (!provider || modelId === "") {
    throw new TypeError(
      `Unknown model "${name}". Expected provider/model with one of: ${Object.keys(providers).join(", ")}.`,
    );
  }
  return { provider, modelId };
}
