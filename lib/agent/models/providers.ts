import { anthropic } from "./anthropic.ts";
import { bedrock } from "./bedrock.ts";
import { google } from "./google.ts";
import { openai } from "./openai.ts";
import type { Provider } from "./provider.ts";

/** Every provider, by the part of a model's name before the slash. */
export const providers: Readonly<Record<string, Provider>> = { openai, anthropic, google, bedrock };

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
