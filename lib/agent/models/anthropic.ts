import { createAnthropic } from "@ai-sdk/anthropic";
import { aiSdkModel, type Connection } from "./ai-sdk.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { withBounds } from "./bounded-model.ts";
import { withCutCallMarked } from "./cut-call.ts";
import { readKey } from "./key.ts";
import type { ProviderConfig } from "./providers.ts";
import type { Model } from "./seam.ts";

const ANTHROPIC_URL = "https://api.anthropic.com/v1";

/**
 * A Claude model over Anthropic's Messages API.
 * @throws ModelError when the key has no value.
 */
export async function connectToAnthropic(modelId: string, config: ProviderConfig): Promise<Connection> {
  const apiKey = await readKey("ANTHROPIC_API_KEY", config);
  const baseURL = config.setting("ANTHROPIC_BASE_URL") || ANTHROPIC_URL;
  return {
    languageModel: withBounds(createAnthropic({ apiKey, baseURL, fetch: boundedFetch })(modelId)),
    name: `anthropic/${modelId}`,
    apiKey,
    providerOptions: ({ parallelToolCalls }) => ({
      anthropic: { disableParallelToolUse: !parallelToolCalls },
    }),
  };
}

/** The same, as our own loop asks it. */
export function anthropicModel(connection: Connection): Model {
  const model = aiSdkModel(connection);
  return async (request) => withCutCallMarked(await model(request));
}
