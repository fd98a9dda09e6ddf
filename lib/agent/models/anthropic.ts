import { createAnthropic } from "@ai-sdk/anthropic";
import { aiSdkModel } from "./ai-sdk.ts";
import type { ProviderConfig } from "./providers.ts";
import { type Model, ModelError } from "./seam.ts";

/**
 * A Claude model over Anthropic's Messages API.
 * @throws ModelError when the key has no value.
 */
export async function anthropicModel(modelId: string, config: ProviderConfig): Promise<Model> {
  const apiKey = await config.secret("ANTHROPIC_API_KEY");
  if (!apiKey) throw new ModelError("The secret ANTHROPIC_API_KEY has no value", { retryable: false });
  const anthropic = createAnthropic({ apiKey, baseURL: config.setting("ANTHROPIC_BASE_URL") || undefined });
  return aiSdkModel(anthropic(modelId), `anthropic/${modelId}`, ({ parallelToolCalls }) => ({
    anthropic: { disableParallelToolUse: !parallelToolCalls },
  }));
}
