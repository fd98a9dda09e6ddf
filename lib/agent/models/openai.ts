import { createOpenAI } from "@ai-sdk/openai";
import { aiSdkModel } from "./ai-sdk.ts";
import type { ProviderConfig } from "./providers.ts";
import { type Model, ModelError } from "./seam.ts";

/**
 * A model of OpenAI, or of any server that speaks OpenAI's protocol (Ollama, vLLM, Groq, …) at OPENAI_BASE_URL.
 * OPENAI_API chooses the protocol: `responses` (default) or `chat`.
 * @throws ModelError when OPENAI_API or the key is not usable.
 */
export async function openaiModel(modelId: string, config: ProviderConfig): Promise<Model> {
  const api = config.setting("OPENAI_API");
  if (api !== "responses" && api !== "chat") {
    throw new ModelError(`OPENAI_API: expected "responses" or "chat", got "${api}"`, { retryable: false });
  }
  const apiKey = await config.secret("OPENAI_API_KEY");
  if (!apiKey) throw new ModelError("The secret OPENAI_API_KEY has no value", { retryable: false });
  const openai = createOpenAI({ apiKey, baseURL: config.setting("OPENAI_BASE_URL") || undefined });
  const languageModel = api === "chat" ? openai.chat(modelId) : openai.responses(modelId);
  return aiSdkModel(languageModel, `openai/${modelId}`, ({ tools, parallelToolCalls }) => ({
    // Nothing stays at the provider: the conversation travels with each request.
    openai: { store: false, ...(tools.length > 0 && { parallelToolCalls }) },
  }));
}
