import { createOpenAI } from "@ai-sdk/openai";
import type { Connection } from "./ai-sdk.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { withBounds } from "./bounded-model.ts";
import { readKey } from "./key.ts";
import type { ProviderConfig } from "./providers.ts";
import { ModelError } from "./seam.ts";

const OPENAI_URL = "https://api.openai.com/v1";

/**
 * A model of OpenAI, or of any server that speaks OpenAI's protocol (Ollama, vLLM, Groq, …) at OPENAI_BASE_URL.
 * OPENAI_API chooses the protocol: `responses` (default) or `chat`.
 * @throws ModelError when OPENAI_API or the key is not usable.
 */
export async function connectToOpenai(modelId: string, config: ProviderConfig): Promise<Connection> {
  const api = config.setting("OPENAI_API");
  if (api !== "responses" && api !== "chat") {
    throw new ModelError(`OPENAI_API: expected "responses" or "chat", got "${api}"`, { retryable: false });
  }
  const apiKey = await readKey("OPENAI_API_KEY", config);
  const baseURL = config.setting("OPENAI_BASE_URL") || OPENAI_URL;
  const openai = createOpenAI({ apiKey, baseURL, fetch: boundedFetch });
  // Servers that imitate Chat Completions store nothing, and some refuse fields they do not know.
  const mayStore = api === "responses" || baseURL === OPENAI_URL;
  return {
    languageModel: withBounds(api === "chat" ? openai.chat(modelId) : openai.responses(modelId)),
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
}
