import { createAnthropic } from "@ai-sdk/anthropic";
import { aiSdkModel } from "./ai-sdk.ts";
import { withCutCallMarked } from "./cut-call.ts";
import { readKey } from "./key.ts";
import type { ProviderConfig } from "./providers.ts";
import type { Model } from "./seam.ts";

const ANTHROPIC_URL = "https://api.anthropic.com/v1";

/**
 * A Claude model over Anthropic's Messages API.
 * @throws ModelError when the key has no value.
 */
export async function anthropicModel(modelId: string, config: ProviderConfig): Promise<Model> {
  const apiKey = await readKey("ANTHROPIC_API_KEY", config);
  const baseURL = config.setting("ANTHROPIC_BASE_URL") || ANTHROPIC_URL;
  const model = aiSdkModel(createAnthropic({ apiKey, baseURL })(modelId), {
    name: `anthropic/${modelId}`,
    apiKey,
    providerOptions: ({ parallelToolCalls }) => ({
      anthropic: { disableParallelToolUse: !parallelToolCalls },
    }),
  });
  return async (request) => withCutCallMarked(await model(request));
}
