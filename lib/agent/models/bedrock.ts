import { boundedFetch } from "./bounded-fetch.ts";
import { withCutCallMarked } from "./cut-call.ts";
import { inWords } from "./in-words.ts";
import type { Provider, ProviderConfig } from "./provider.ts";
import { ModelError, type ModelRequest } from "./seam.ts";

/**
 * Models of Amazon Bedrock over the Converse API: a foundation model's id, an inference profile's id, or an ARN. They are
 * asked with the function's own IAM credentials, which Lambda puts into every function's environment; in AWS_REGION.
 * `parallelToolCalls: false` reaches Claude models only: Converse has no field for it, so the other models may still ask
 * for several calls. Prompt caching reaches Claude and Nova only, and no model behind an ARN that does not name them.
 */
export const bedrock: Provider = {
  // Region and credentials are Lambda's own variables, which a function must not declare.
  env: { BEDROCK_BASE_URL: "" },
  secrets: [],
  kept: [],
  async connect(modelId, config) {
    const { createAmazonBedrock } = await import("@ai-sdk/amazon-bedrock");
    const secretAccessKey = required("AWS_SECRET_ACCESS_KEY", config);
    const sessionToken = config.setting("AWS_SESSION_TOKEN");
    const baseURL = config.setting("BEDROCK_BASE_URL");
    const sdk = createAmazonBedrock({
      region: required("AWS_REGION", config),
      accessKeyId: required("AWS_ACCESS_KEY_ID", config),
      secretAccessKey,
      fetch: boundedFetch,
      // IAM only: without a value the SDK would look for a bearer token in the environment.
      apiKey: "",
      ...(sessionToken && { sessionToken }),
      ...(baseURL && { baseURL }),
    });
    return {
      languageModel: sdk(modelId),
      name: `bedrock/${modelId}`,
      apiKey: secretAccessKey,
      providerOptions: ({ parallelToolCalls }) => ({
        anthropic: { disableParallelToolUse: !parallelToolCalls },
      }),
      // Others refuse a request with a cache point.
      cacheMark: CACHING.test(modelId) ? { bedrock: { cachePoint: { type: "default" } } } : undefined,
    };
  },
  adapt: (model) => async (request) => withCutCallMarked(await model(withoutForbiddenTools(request))),
};

/**
 * The models that cache what they are told to, as far as an id says what model it is.
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
 */
const CACHING = /anthropic\.claude-|amazon\.nova-/;

/** @throws ModelError when there are no credentials. */
function required(name: string, config: ProviderConfig): string {
  const value = config.setting(name);
  if (value) return value;
  throw new ModelError(`Bedrock needs AWS credentials: ${name} has no value`, { retryable: false });
}

/**
 * Converse cannot forbid calls, and takes calls and results of earlier turns only together with tools. So a request that
 * forbids calls offers no tools and tells the earlier ones in words.
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html
 */
function withoutForbiddenTools(request: ModelRequest): ModelRequest {
  if (request.toolChoice !== "none") return request;
  return { ...request, toolChoice: "auto", tools: [], messages: request.messages.map(inWords) };
}
