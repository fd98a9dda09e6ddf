import OpenAI from "openai";

/** Each call has a key: repeated after a lost connection, it finds the run that it has begun. */
class Agents extends OpenAI {
  protected override idempotencyHeader = "Idempotency-Key";
}

const agents = new Agents({ baseURL: "http://127.0.0.1:9003/v1", apiKey: "any" });
const answer = await agents.chat.completions.create({
  model: "ParallelToolAgent",
  messages: [{ role: "user", content: "What is the weather in Tokyo and London?" }],
  stream: true,
});
for await (const { choices } of answer) process.stdout.write(choices[0]?.delta.content ?? "");
