import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  loadModel,
  PROTOCOLS,
  type Protocol,
  type Provider,
  request,
  type Sent,
  startProvider,
} from "../../../test/support/provider.ts";
import { answer, calls } from "../../../test/support/script.ts";

const LONG = Array.from({ length: 200 }, (_, word) => `word${word}`).join(" ");

let provider: Provider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());

describe.each(Object.keys(PROTOCOLS) as Protocol[])("over %s", (protocol) => {
  /** What came piece by piece, and the reply in the end. */
  const stream = async (reply: Sent) => {
    const pieces: string[] = [];
    provider.use(reply);
    const model = await loadModel(protocol, provider.url, { onText: (text) => pieces.push(text) });
    const outcome = await model(request()).catch((error) => error);
    return { pieces, outcome };
  };
  const whole = async (reply: Sent) => {
    provider.use(reply);
    return await (await loadModel(protocol, provider.url))(request());
  };

  test("a text comes in pieces, and is the same in the end", async () => {
    const { pieces, outcome } = await stream(answer(LONG));
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join("")).toBe(LONG);
    expect({ ...outcome, message: null }).toEqual({ ...(await whole(answer(LONG))), message: null });
  });

  test("calls come whole, in the model's order", async () => {
    const reply = calls(
      { id: "call_1", name: "get_weather", input: { city: "Tokyo" } },
      { id: "call_2", name: "get_weather", input: { city: "London", units: "metric" } },
    );
    const { pieces, outcome } = await stream(reply);
    expect(pieces).toEqual([]);
    const { calls: came, finishReason } = await whole(reply);
    expect(outcome).toMatchObject({ calls: came, finishReason });
  });

  test("a provider's refusal is told as without a stream", async () => {
    const refusal = () =>
      Promise.resolve(Response.json({ error: { message: "Slow down." } }, { status: 429 }));
    const { outcome } = await stream(refusal);
    expect(outcome).toMatchObject({ name: "ModelError", retryable: true });
    expect(outcome.message).toMatch(/answered 429/);
  });

  test("a stream that breaks off is worth another try", async () => {
    const broken = () =>
      Promise.resolve(
        new Response(ReadableStream.from([new TextEncoder().encode(": nothing\n\n")]), {
          headers: { "content-type": "text/event-stream" },
        }),
      );
    const { outcome } = await stream(broken);
    expect(outcome).toMatchObject({ name: "ModelError", retryable: true });
    expect(outcome.message).toContain("unreadable");
  });
});
