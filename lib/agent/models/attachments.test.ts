import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  loadModel,
  PROTOCOLS,
  type Protocol,
  type Provider,
  request,
  startProvider,
} from "../../../test/support/provider.ts";
import { answer } from "../../../test/support/script.ts";
import type { Attachment } from "../attachments.ts";
import { ModelError } from "./seam.ts";

const PNG = "iVBORw0KGgo=";
const URL_ = "https://example.com/a/map.png?signed=1";

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());

async function ask(protocol: Protocol, ...attachments: Attachment[]) {
  provider.use(answer("A map."));
  const model = await loadModel(protocol, provider.url);
  return await model(request({ messages: [{ role: "user", text: "What is it?", attachments }] }));
}

const text = { type: "text", text: "What is it?" };
const inline: Record<Protocol, object[]> = {
  "OpenAI Responses": [
    { type: "input_text", text: "What is it?" },
    { type: "input_image", image_url: `data:image/png;base64,${PNG}` },
  ],
  "OpenAI Chat Completions": [
    text,
    { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
  ],
  "Anthropic Messages": [
    text,
    { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } },
  ],
  Gemini: [{ text: "What is it?" }, { inlineData: { mimeType: "image/png", data: PNG } }],
  "Bedrock Converse": [{ text: "What is it?" }, { image: { format: "png", source: { bytes: PNG } } }],
};
const remote: Record<Exclude<Protocol, "Bedrock Converse">, object> = {
  "OpenAI Responses": { type: "input_image", image_url: URL_ },
  "OpenAI Chat Completions": { type: "image_url", image_url: { url: URL_ } },
  "Anthropic Messages": { type: "image", source: { type: "url", url: URL_ } },
  Gemini: { fileData: { mimeType: "image/png", fileUri: URL_ } },
};

/** What the user said, as it came over the wire. */
function said(): unknown {
  const { messages, input, contents } = provider.requests[0]?.body ?? {};
  const last = (messages ?? input ?? contents).findLast(({ role }: { role: string }) => role === "user");
  return last.content ?? last.parts;
}

test.each(Object.keys(PROTOCOLS) as Protocol[])(
  "an image is sent beside the text over %s",
  async (protocol) => {
    await ask(protocol, { data: PNG, mediaType: "image/png", name: "map.png" });
    expect(said()).toEqual(inline[protocol]);
  },
);

test.each(Object.entries(remote))(
  "a URL is handed to the provider over %s, which fetches it",
  async (protocol, part) => {
    await ask(protocol as Protocol, { url: URL_ });
    expect(said()).toContainEqual(part);
    expect(provider.requests).toHaveLength(1);
  },
);

describe("what a provider does not take is refused before it is asked, and not tried again", () => {
  const refusal = async (protocol: Protocol, attachment: Attachment) => {
    const error = await ask(protocol, attachment).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ retryable: false, ofRequest: true });
    expect(provider.requests).toEqual([]);
    return (error as ModelError).message;
  };

  test("a URL, where the provider fetches none: no function of ours does", async () => {
    expect(await refusal("Bedrock Converse", { url: URL_ })).toBe(
      "The model bedrock/anthropic.claude-haiku-4-5-20251001-v1:0 does not take a URL of image/png; send the file itself",
    );
  });

  test.each([
    ["OpenAI Chat Completions", "https://example.com/a.pdf", "application/pdf"],
    ["Gemini", "https://example.com/a.gif", "image/gif"],
  ] as const)("a URL of a kind that it does not fetch, over %s", async (protocol, url, type) => {
    expect(await refusal(protocol, { url })).toMatch(
      new RegExp(`does not take a URL of ${type}; send the file itself$`),
    );
  });

  test("a file of a kind that it does not read", async () => {
    expect(await refusal("Anthropic Messages", { data: PNG, mediaType: "audio/wav" })).toMatch(
      /^The model anthropic\/claude-haiku-4-5 does not take .*audio\/wav/,
    );
  });
});
