import { randomUUID } from "node:crypto";
import type { ChatCompletionRequest, FixtureResponse } from "@copilotkit/aimock";
import { LLMock } from "@copilotkit/aimock";
import { Hono } from "hono";
import { proxy } from "hono/proxy";
import { asGemini, forAimock } from "./gemini.ts";
import { type HttpDouble, type Provider, SANDBOX_KEY } from "./stand-in.ts";
import { MODEL_PROVIDERS, USUAL_LATENCY_MS } from "./upstream.ts";

/** How the model answers a request, as aimock's ResponseFactory. */
export type ModelScript = (request: ChatCompletionRequest) => FixtureResponse | Promise<FixtureResponse>;

/** The doubles of the model providers. */
interface Models {
  providers: Provider<HttpDouble>[];
  stop(): Promise<void>;
}

/**
 * Starts aimock on its own loopback port, with the model's answers. Only the providers returned here can use it.
 * @param closing aborts when the sandbox stops.
 */
export async function startModels(model: ModelScript, closing: AbortSignal): Promise<Models> {
  // Without a key, aimock lets every web page in, even to its journal.
  const key = randomUUID();
  const mock = new LLMock({
    port: 0,
    host: "127.0.0.1",
    journalMaxEntries: 100,
    auth: { apiKeys: [key] },
  });
  mock.on({ endpoint: "chat" }, model);
  const url = await mock.start();
  const forward: Forward = ({ method, headers, signal }, path, body) =>
    proxy(`${url}${path}`, {
      method,
      headers: {
        ...Object.fromEntries(headers),
        // fetch computes the length itself: the body may have changed.
        "content-length": undefined,
        "x-api-key": undefined,
        "x-goog-api-key": undefined,
        authorization: `Bearer ${key}`,
      },
      body,
      signal: AbortSignal.any([signal, closing]),
    });
  return {
    providers: MODEL_PROVIDERS.map((name) => ({
      ...DOUBLES[name](forward),
      name,
      latencyMs: USUAL_LATENCY_MS,
    })),
    stop: () => mock.stop(),
  };
}

type Forward = (request: Request, path: string, body: string) => Promise<Response>;

const openai = (forward: Forward): HttpDouble => ({
  env: (url) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: SANDBOX_KEY }),
  trouble: (status) => ({
    error:
      status === 429
        ? {
            message: "Rate limit reached (sandbox).",
            type: "requests",
            param: null,
            code: "rate_limit_exceeded",
          }
        : { message: "The server had an error (sandbox).", type: "server_error", param: null, code: null },
  }),
  app: new Hono().post("/v1/*", async (c) =>
    mend(await forward(c.req.raw, c.req.path.replace("/openai", ""), await c.req.text()), asOpenai),
  ),
});

const anthropic = (forward: Forward): HttpDouble => ({
  env: (url) => ({ ANTHROPIC_BASE_URL: `${url}/v1`, ANTHROPIC_API_KEY: SANDBOX_KEY }),
  trouble: (status) => ({
    type: "error",
    error:
      status === 429
        ? { type: "rate_limit_error", message: "Rate limit reached (sandbox)." }
        : { type: "api_error", message: "Internal server error (sandbox)." },
  }),
  app: new Hono().post("/v1/*", async (c) =>
    mend(
      await forward(
        c.req.raw,
        c.req.path.replace("/anthropic", ""),
        withoutForbiddenTools(await c.req.text()),
      ),
      asAnthropic,
    ),
  ),
});

const google = (forward: Forward): HttpDouble => ({
  env: (url) => ({ GEMINI_BASE_URL: url, GEMINI_API_KEY: SANDBOX_KEY }),
  trouble: (status) => ({
    error:
      status === 429
        ? { code: 429, message: "Resource exhausted (sandbox).", status: "RESOURCE_EXHAUSTED" }
        : { code: 500, message: "An internal error has occurred (sandbox).", status: "INTERNAL" },
  }),
  app: new Hono().post("/v1beta/*", async (c) =>
    asGemini(await forward(c.req.raw, c.req.path.replace("/google", ""), forAimock(await c.req.text()))),
  ),
});

const bedrock = (forward: Forward): HttpDouble => ({
  env: (url) => ({ BEDROCK_BASE_URL: url }),
  trouble: (status) => ({
    message: status === 429 ? "Too many requests (sandbox)." : "The system encountered an error (sandbox).",
  }),
  app: new Hono().post("/model/*", async (c) => {
    const response = await forward(c.req.raw, c.req.path.replace("/bedrock", ""), await c.req.text());
    return asBedrockError(await mend(response, asBedrock));
  }),
});

const DOUBLES = { openai, anthropic, google, bedrock };

/** aimock reports a failure in Anthropic's format. @see https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html */
export async function asBedrockError(response: Response): Promise<Response> {
  if (response.ok) return response;
  const { error } = (await response.json()) as { error?: { message?: string } };
  const { status, headers } = response;
  const retryAfter = headers.get("retry-after");
  return Response.json(
    { message: error?.message ?? "" },
    { status, headers: retryAfter ? { "retry-after": retryAfter } : {} },
  );
}

/** aimock does not pass Anthropic's `tool_choice` on, so a request that forbids tools is forwarded without tools. */
function withoutForbiddenTools(body: string): string {
  try {
    const { tools, ...request } = JSON.parse(body);
    return request.tool_choice?.type === "none" ? JSON.stringify(request) : body;
  } catch {
    return body;
  }
}

/** Corrects what aimock writes differently from the provider; streams are left as they are. */
async function mend(
  response: Response,
  change: (body: Record<string, unknown>) => object,
): Promise<Response> {
  if (!response.ok || !response.headers.get("content-type")?.startsWith("application/json")) return response;
  return Response.json(change((await response.json()) as Record<string, unknown>));
}

/** A reply that ended early says why. @see https://platform.openai.com/docs/api-reference/responses/object#responses/object-incomplete_details */
function asOpenai(body: Record<string, unknown>): object {
  const reasons: Record<string, string> = { failed: "content_filter", incomplete: "max_output_tokens" };
  const reason = body.object === "response" ? reasons[String(body.status)] : undefined;
  return reason ? { ...body, status: "incomplete", incomplete_details: { reason } } : body;
}

/** @see https://docs.claude.com/en/api/messages#response-stop-reason */
const asAnthropic = (body: Record<string, unknown>) =>
  body.stop_reason === "content_filter" ? { ...body, stop_reason: "refusal" } : body;

/** @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
const asBedrock = (body: Record<string, unknown>) =>
  body.stopReason === "content_filter" ? { ...body, stopReason: "content_filtered" } : body;
