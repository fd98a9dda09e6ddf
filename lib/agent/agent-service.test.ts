import type { connect } from "@restatedev/restate-sdk-clients";
import { expectTypeOf, test } from "vitest";
import * as z from "zod";
import { createAgent, defineAgent } from "./index.ts";

const text = {
  name: "Teller",
  description: "Tells.",
  model: "openai/gpt-5.4",
  instructions: "Tell.",
  tools: [],
};
const counted = { ...text, name: "Counter", answer: z.object({ count: z.int() }) };

test("a client of the ingress has the answer in its type: text, or what the schema says", () => {
  const teller = createAgent(defineAgent(text));
  const counter = createAgent(defineAgent(counted));
  const run = (ingress: ReturnType<typeof connect>) => ({
    teller: ingress.serviceClient<typeof teller>({ name: "Teller" }).run({ message: "Tell me." }),
    counter: ingress.serviceClient<typeof counter>({ name: "Counter" }).run({ message: "Count." }),
  });
  type Runs = ReturnType<typeof run>;
  expectTypeOf<Awaited<Runs["teller"]>["answer"]>().toEqualTypeOf<string>();
  expectTypeOf<Awaited<Runs["counter"]>["answer"]>().toEqualTypeOf<{ count: number }>();
  expectTypeOf<Awaited<Runs["counter"]>["finishReason"]>().toExtend<string>();
});
