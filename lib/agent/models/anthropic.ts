import { boundedFetch } from "./bounded-fetch.ts";
import { withCutCallMarked } from "./cut-call.ts";
import { type Provider, readKey } from "./provider.ts";

const ANTHROPIC_URL = "https://api.anthropic.com/v1";

/** Claude models over Anthropic's Messages API. */
export const anthropic: Provider = {
  env: { ANTHROPIC_BASE_URL: "" },
  secrets: ["ANTHROPIC_API_KEY"],
  kept: ["disableParallelToolUse", "thread"],
  async connect(modelId, config) {
    const { createAnthropic } = await import("@ai-sdk/anthropic");
    const apiKey = await readKey("ANTHROPIC_API_KEY", config);
    const baseURL = config.setting("ANTHROPIC_BASE_URL") || ANTHROPIC_URL;
    return {
      languageModel: createAnthropic({ apiKey, baseURL, fetch: boundedFetch })(modelId),
      name: `anthropic/${modelId}`,
      apiKey,
      providerOptions: ({ parallelToolCalls }) => ({
        anthropic: { disableParallelToolUse: !parallelToolCalls },
      }),
      cacheMark: { anthropic: { cacheControl: { type: "ephemeral" } } },
    };
  },
  adapt: (model) => async (request) => withCutCallMarked(await model(request)),
};
