import { TooLong } from "../../runtime/index.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { type Provider, readKey } from "./provider.ts";

const GEMINI_URL = "https://generativelanguage.googleapis.com";

/**
 * Gemini models over Google's Gemini API. GEMINI_BASE_URL is where it is, without the version: Google's own clients add that, too.
 * `parallelToolCalls: false` does not reach the model: Gemini has no field for it, so it may still ask for several calls, which
 * a run makes one after another. Schemas go as they are, in the field for JSON Schema. It caches by itself.
 */
export const google: Provider = {
  env: { GEMINI_BASE_URL: "" },
  secrets: ["GEMINI_API_KEY"],
  kept: ["cachedContent", "continuationToken"],
  async connect(modelId, config) {
    const { createGoogle } = await import("@ai-sdk/google");
    const { withSoundEnd } = await import("./gemini-end.ts");
    const apiKey = await readKey("GEMINI_API_KEY", config);
    const url = config.setting("GEMINI_BASE_URL") || GEMINI_URL;
    const baseURL = `${url.replace(/\/$/, "")}/v1beta`;
    const sdk = createGoogle({ apiKey, baseURL, fetch: boundedContinuations() });
    return {
      languageModel: withSoundEnd(sdk(modelId)),
      name: `google/${modelId}`,
      apiKey,
      providerOptions: () => ({}),
    };
  },
};

/**
 * What Google says of a refusal in its body, as other providers say it: a wrong key is no malformed request, and the time to
 * wait stands in a header.
 * @see https://docs.cloud.google.com/apis/design/errors#error_details
 */
const fetchGemini: typeof fetch = async (input, init) => {
  const response = await boundedFetch(input, init);
  if (response.ok || response.body === null) return response;
  const body = await response.text();
  const headers = new Headers(response.headers);
  const [, seconds] = /"retryDelay":\s*"(\d+(?:\.\d+)?)s"/.exec(body) ?? [];
  if (seconds !== undefined && !headers.has("retry-after"))
    headers.set("retry-after", `${Math.ceil(Number(seconds))}`);
  const status = /"reason":\s*"API_KEY_INVALID"/.test(body) ? 401 : response.status;
  return new Response(body, { status, statusText: response.statusText, headers });
};

/** F9: how often the AI SDK may ask for the rest of one reply: ten parts at their bound are more than a run can hold. */
const MAX_CONTINUATIONS = 10;

/** For one connection, which asks one thing at a time. */
function boundedContinuations(): typeof fetch {
  let continued = 0;
  return async (input, init) => {
    const goesOn = typeof init?.body === "string" && init.body.includes('"continuationToken":');
    continued = goesOn ? continued + 1 : 0;
    if (continued > MAX_CONTINUATIONS) throw new TooLong(`more than ${MAX_CONTINUATIONS} continuations`);
    return await fetchGemini(input, init);
  };
}
