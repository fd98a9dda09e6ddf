import { LLMock } from "@copilotkit/aimock";
import { Hono } from "hono";
import { proxy } from "hono/proxy";
import { loadModel as connectTo, type Listeners } from "../../lib/agent/models/connect.ts";
import { parseModelName } from "../../lib/agent/models/providers.ts";
import type { Model, ModelRequest } from "../../lib/agent/models/seam.ts";
import { asGemini, forAimock } from "../../lib/sandbox/gemini.ts";
import { serveOnLoopback } from "../../lib/sandbox/index.ts";
import { asBedrockError } from "../../lib/sandbox/models.ts";
import type { Reply } from "./script.ts";

/** One request to a model as it came over the wire. */
export interface WireRequest {
  path: string;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: each protocol has its own body, and the tests say what they expect.
  body: any;
}

/** What a provider sends: a reply that aimock puts into the protocol's format, or an HTTP response as it is. */
export type Sent = Reply | Response | (() => Promise<Response>);

/** A model provider on loopback, and every request that reached it. */
export interface Provider {
  url: string;
  requests: WireRequest[];
  /** Starts over with these replies. */
  use(...replies: Sent[]): void;
  stop(): Promise<void>;
}

export async function startProvider(): Promise<Provider> {
  let script: Sent[] = [];
  let due: Reply;
  const requests: WireRequest[] = [];
  const mock = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent" });
  mock.on({ endpoint: "chat" }, () => due);
  await mock.start();
  // aimock keeps a request in one form for every protocol; the tests need the body as it came.
  const app = new Hono().post("/*", async (c) => {
    const body = await c.req.text();
    requests.push({ path: c.req.path, headers: c.req.raw.headers, body: JSON.parse(body) });
    const next = script.shift();
    if (next === undefined) return c.text("the script has no further reply", 501);
    if (next instanceof Response) return next;
    if (typeof next === "function") return await next();
    due = next;
    // The path as it came: Bedrock's model ids contain a colon, which is sent encoded.
    const { pathname } = new URL(c.req.url);
    const isGemini = pathname.startsWith("/v1beta/");
    const reply = await proxy(`${mock.url}${pathname}`, {
      method: "POST",
      headers: { ...Object.fromEntries(c.req.raw.headers), "content-length": undefined },
      body: isGemini ? forAimock(body) : body,
    });
    if (isGemini) return asGemini(reply);
    return pathname.startsWith("/model/") ? asBedrockError(reply) : reply;
  });
  const server = await serveOnLoopback(app);
  return {
    url: server.url,
    requests,
    use(...replies) {
      script = replies;
      requests.length = 0;
    },
    stop: async () => {
      await server.stop();
      await mock.stop();
    },
  };
}

/** The protocols over which models are asked, each with the model that speaks it in the tests. */
export const PROTOCOLS = {
  "OpenAI Responses": { name: "openai/gpt-5.4", settings: { OPENAI_API: "responses" } },
  "OpenAI Chat Completions": { name: "openai/gpt-5.4", settings: { OPENAI_API: "chat" } },
  "Anthropic Messages": { name: "anthropic/claude-haiku-4-5", settings: {} },
  Gemini: { name: "google/gemini-3.5-flash", settings: {} },
  "Bedrock Converse": {
    name: "bedrock/anthropic.claude-haiku-4-5-20251001-v1:0",
    settings: { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: "AKIDEXAMPLE" },
  },
} as const satisfies Record<string, { name: string; settings: Record<string, string> }>;
export type Protocol = keyof typeof PROTOCOLS;

export const KEY = "sk-test-0123456789abcdef";

/** A model that asks a provider at this URL; its real one if the URL is empty. */
export function loadModel(
  protocol: Protocol,
  url: string,
  options: {
    name?: string;
    key?: string;
    settings?: Record<string, string>;
  } & Listeners = {},
): Promise<Model> {
  const { name, settings } = PROTOCOLS[protocol];
  const model = options.name ?? name;
  const { provider } = parseModelName(model);
  const values: Record<string, string> = {
    ...provider.env,
    OPENAI_BASE_URL: url && `${url}/v1`,
    ANTHROPIC_BASE_URL: url && `${url}/v1`,
    GEMINI_BASE_URL: url,
    BEDROCK_BASE_URL: url,
    AWS_SECRET_ACCESS_KEY: options.key ?? KEY,
    ...settings,
    ...options.settings,
  };
  return connectTo(model, {
    read: { setting: (setting) => values[setting] ?? "", secret: async () => options.key ?? KEY },
    onText: options.onText,
    onWarnings: options.onWarnings,
  });
}

export const WEATHER = {
  name: "get_weather",
  description: "Current weather for a city.",
  inputSchema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      city: { type: "string", minLength: 1, description: "As people write it." },
      units: { type: "string", enum: ["metric", "imperial"], default: "metric" },
    },
    required: ["city"],
  },
};

/** A request for the weather; a test replaces the parts that it is about. */
export function request(parts: Partial<ModelRequest> = {}): ModelRequest {
  return {
    instructions: "Be brief.",
    messages: [{ role: "user", text: "The weather in Tokyo and London?" }],
    tools: [WEATHER],
    toolChoice: "auto",
    parallelToolCalls: true,
    signal: new AbortController().signal,
    ...parts,
  };
}
