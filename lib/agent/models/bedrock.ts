import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { aiSdkModel, type Connection } from "./ai-sdk.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { withBounds } from "./bounded-model.ts";
import { withCutCallMarked } from "./cut-call.ts";
import { inWords } from "./in-words.ts";
import type { ProviderConfig } from "./providers.ts";
import { type Model, ModelError, type ModelRequest } from "./seam.ts";

/**
 * A model of Amazon Bedrock over the Converse API: a foundation model's id, an inference profile's id, or an ARN. It is
 * asked with the function's own IAM credentials, which Lambda puts into every function's environment; in AWS_REGION.
 * `parallelToolCalls: false` reaches Claude models only: Converse has no field for it, so the other models may still ask
 * for several calls.
 * @throws ModelError when there are no credentials.
 */
export async function connectToBedrock(modelId: string, config: ProviderConfig): Promise<Connection> {
  const required = (name: string) => {
    const value = config.setting(name);
    if (value) return value;
    throw new ModelError(`Bedrock needs AWS credentials: ${name} has no value`, { retryable: false });
  };
  const secretAccessKey = required("AWS_SECRET_ACCESS_KEY");
  const sessionToken = config.setting("AWS_SESSION_TOKEN");
  const baseURL = config.setting("BEDROCK_BASE_URL");
  const bedrock = createAmazonBedrock({
    region: required("AWS_REGION"),
    accessKeyId: required("AWS_ACCESS_KEY_ID"),
    secretAccessKey,
    fetch: boundedFetch,
    // IAM only: without a value the SDK would look for a bearer token in the environment.
    apiKey: "",
    ...(sessionToken && { sessionToken }),
    ...(baseURL && { baseURL }),
  });
  return {
    languageModel: withBounds(bedrock(modelId)),
    name: `bedrock/${modelId}`,
    apiKey: secretAccessKey,
    providerOptions: ({ parallelToolCalls }) => ({
      anthropic: { disableParallelToolUse: !parallelToolCalls },
    }),
  };
}

/** The same, as our own loop asks it. */
export function bedrockModel(connection: Connection): Model {
  const model = aiSdkModel(connection);
  return async (request) => withCutCallMarked(await model(withoutForbiddenTools(request)));
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
