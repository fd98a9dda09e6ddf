import { boundedFetch } from "./bounded-fetch.ts";
import { type Provider, readKey } from "./provider.ts";
import { ModelError } from "./seam.ts";

const OPENAI_URL = "https://api.openai.com/v1";

/**
 * Models of OpenAI, or of any server that speaks OpenAI's protocol (Ollama, vLLM, Groq, …) at OPENAI_BASE_URL; empty, it is
 * OpenAI's own. OPENAI_API chooses the protocol: `responses` (default), or `chat` (Chat Completions) for servers that
 * speak only that.
 */
export const openai: Provider = {
  env: { OPENAI_BASE_URL: "", OPENAI_API: "responses" },
  secrets: ["OPENAI_API_KEY"],
  kept: ["store", "parallelToolCalls", "previousResponseId", "conversation"],
  async connect(modelId, config) {
    const api = config.setting("OPENAI_API");
    if (api !== "responses" && api !== "chat") {
      throw new ModelError(`OPENAI_API: expected "responses" or "chat", got "${api}"`, { retryable: false });
    }
    const { createOpenAI } = await import("@ai-sdk/openai");
    const apiKey = await readKey("OPENAI_API_KEY", config);
    const baseURL = config.setting("OPENAI_BASE_URL") || OPENAI_URL;
    const sdk = createOpenAI({ apiKey, baseURL, fetch: boundedFetch });
    // Servers that imitate Chat Completions store nothing, and some refuse fields they do not know.
    const mayStore = api === "responses" || baseURL === OPENAI_URL;
    return {
      languageModel: api === "chat" ? sdk.chat(modelId) : sdk.responses(modelId),
      name: `openai/${modelId}`,
      apiKey,
      providerOptions: ({ tools, parallelToolCalls }) => ({
        openai: {
          // Nothing stays at the provider: the conversation travels with each request.
          ...(mayStore && { store: false }),
          // Parallel calls are the default, and models without them refuse the field; so does OpenAI where there are no tools.
          ...(!parallelToolCalls && tools.length > 0 && { parallelToolCalls }),
        },
      }),
    };
  },
};
