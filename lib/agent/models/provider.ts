import type { LanguageModelMiddleware } from "ai";
import { type CallSettings, type Model, ModelError } from "./seam.ts";

/** A language model of the version that the AI SDK's middleware is made for. */
export type SdkModel = Parameters<NonNullable<LanguageModelMiddleware["wrapGenerate"]>>[0]["model"];

export type ProviderOptions = NonNullable<Parameters<SdkModel["doGenerate"]>[0]["providerOptions"]>;

/** What a provider's options depend on. */
interface Asked {
  tools: readonly unknown[];
  parallelToolCalls: boolean;
}

/** A provider's language model, and what differs between the providers. */
export interface Connection {
  languageModel: SdkModel;
  /** `provider/model`, for messages. */
  name: string;
  /** Kept out of messages. */
  apiKey: string;
  providerOptions(request: Asked): ProviderOptions;
  /** What marks a message up to which the provider shall cache. Default: it caches without being told, or not at all. */
  cacheMark?: ProviderOptions | undefined;
}

/** The agent's options for this provider, and what the run decides itself. */
export function optionsOf(
  { settings, ...asked }: Asked & { settings?: Pick<CallSettings, "providerOptions"> },
  connection: Connection,
): ProviderOptions {
  const own = connection.providerOptions(asked);
  const [provider = ""] = connection.name.split("/", 1);
  const wanted = settings?.providerOptions?.[provider];
  return wanted ? { ...own, [provider]: { ...wanted, ...own[provider] } } : own;
}

/** Reads a provider's declared settings and secrets; a secret without a value is undefined. */
export interface ProviderConfig {
  setting(name: string): string;
  secret(name: string): Promise<string | undefined>;
}

/** A provider of models: its declared configuration as data, its SDK loaded when an agent first asks. */
export interface Provider {
  /** Environment variables with their default values. */
  env: Readonly<Record<string, string>>;
  /** Names of secrets. */
  secrets: readonly string[];
  /** Options of the AI SDK's that are the run's own affair, so that an agent cannot set them. */
  kept: readonly string[];
  /**
   * Makes the AI SDK's language model called `modelId` by this provider. Its requests go through `boundedFetch`.
   * @throws ModelError when a setting or a key is not usable.
   */
  connect(modelId: string, config: ProviderConfig): Promise<Connection>;
  /** What our own loop's requests and replies need beside the SDK's mapping. Default: nothing. */
  adapt?(model: Model): Model;
}

/**
 * The value of a provider's key, without the line end that a pasted secret often carries.
 * @throws ModelError when it has none.
 */
export async function readKey(name: string, config: ProviderConfig): Promise<string> {
  const key = (await config.secret(name))?.trim();
  if (!key) throw new ModelError(`The secret ${name} has no value`, { retryable: false });
  return key;
}
